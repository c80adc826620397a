"""What a process keeps in memory so as not to make it again."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Shelf(Generic[T]):
    """At most `most` things by key: the one that nobody asked for longest goes."""

    most: int
    _things: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
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
            self._things[key] = thing
            self._things.move_to_end(key)
            if len(self._things) > self.most:
                self._things.popitem(last=False)
