"""What a process keeps in memory so as not to make it again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Shelf(Generic[T]):
    """Things by key, which together weigh `most` at most: those nobody asked for longest go.

    `weigh` tells what one weighs; each weighs 1 where it is not given.
    """

    most: int
    weigh: Callable[[T], int] = lambda _: 1
    _things: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
    _weight: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> T | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
            return found

    def keep(self, key: Hashable, thing: T) -> None:
        """Keep a thing in the place of the one before it."""
        with self._lock:
            if key in self._things:
                self._weight -= self.weigh(self._things.pop(key))
            self._things[key] = thing
            self._weight += self.weigh(thing)
            while self._weight > self.most:
                self._weight -= self.weigh(self._things.popitem(last=False)[1])
