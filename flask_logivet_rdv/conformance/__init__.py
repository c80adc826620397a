"""LogiVet's part of the sync protocol, played against a running portal, sentence by sentence.

It is a client like any other: it speaks HTTP, and imports nothing of the rest of the package.
"""

from .chapters import CHAPTERS, chosen
from .plan import Chapter
from .printing import summary, told
from .running import RefusedError, run
from .scene import Scene
from .session import Session
from .transcript import Entry, Outcome, Transcript
from .wire import OfflineError

__all__ = [
    "CHAPTERS",
    "Chapter",
    "Entry",
    "OfflineError",
    "Outcome",
    "RefusedError",
    "Scene",
    "Session",
    "Transcript",
    "chosen",
    "run",
    "summary",
    "told",
]
