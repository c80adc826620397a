"""The clinic's key: kept in LogiVet's own file, replaced through the portal, never lost between."""

import re
import sqlite3

from .client import Portal, RefusedError
from .explaining import explained
from .store import Store, set_state

GIVEN, KEY, BEFORE, WISH, SAID = "key_given", "key", "key_before", "key_wish", "key_said"
WORTH_ANOTHER_TRY = {401, 429}


def is_key(text: str) -> bool:
    """Return whether ``text`` has the form of a sync key."""
    return re.fullmatch(r"rdv_[A-Za-z0-9-]+_[A-Za-z0-9_-]+", text) is not None


class Keyring:
    """Gives a portal its key, and keeps the one before until the new one was accepted once.

    The kept key is used as long as the same one is given at the start; another one that is given
    takes its place.
    """

    def __init__(self, store: Store, portal: Portal) -> None:
        self._store, self._portal = store, portal
        if store.state(GIVEN) != portal.transport.key:
            self.use(portal.transport.key)
        portal.key = lambda: store.state(KEY)
        portal.answered = self._answered

    @property
    def wished(self) -> bool:
        """Whether a person asked for another key that has not come yet."""
        return bool(self._store.state(WISH))

    @property
    def name(self) -> str:
        """The public half of the key in use, as in ``rdv_3f2a…``."""
        return self._store.state(KEY).rpartition("_")[0]

    @property
    def said(self) -> str:
        """Why the portal did not replace the key, in French; empty when it did or was not asked."""
        return self._store.state(SAID)

    def wish(self) -> None:
        """Ask for another key: ``rotate`` is called until the portal has answered."""
        with self._store.write() as db:
            set_state(db, WISH, "1")
            set_state(db, SAID, "")

    def use(self, key: str) -> None:
        """Go on with a key that a person gives, as at the start."""
        with self._store.write() as db:
            set_state(db, GIVEN, self._portal.transport.key)
            _set(db, key)

    def rotate(self) -> None:
        """Have the portal replace the key, and go on with the new one.

        If the answer is lost (OfflineError), call again: the portal is asked with the same key.
        A refusal for good ends the wish, and ``said`` tells it; raises RefusedError for any other.
        """
        before = self._store.state(KEY)
        try:
            key = str(self._portal.rotate()["key"])
        except RefusedError as error:
            if error.status >= 500 or error.status in WORTH_ANOTHER_TRY:
                raise
            with self._store.write() as db:
                set_state(db, WISH, "")
                set_state(db, SAID, explained(error))
        else:
            with self._store.write() as db:
                _set(db, key, before)

    def _answered(self, key: str, status: int) -> None:
        """Forget the key before once the new one works; go back to it if the new one never did.

        A repeated request may have had the portal replace the new one before it reached us.
        """
        before = self._store.state(BEFORE)
        if not before or key != self._store.state(KEY):
            return
        with self._store.write() as db:
            if status == 401:
                _set(db, before)
                set_state(db, WISH, "1")
            elif status < 300:
                set_state(db, BEFORE, "")


def _set(db: sqlite3.Connection, key: str, before: str = "") -> None:
    for name, value in ((KEY, key), (BEFORE, before), (WISH, ""), (SAID, "")):
        set_state(db, name, value)
