"""The tables (`rdv_*`), one subject a file."""

from .account import Audit, ClinicAccount, SyncKey, SyncState
from .agenda import Busy, Conflict
from .base import Base, bind_host, host_key
from .booking import (
    CANCELLED,
    CONFIRMED,
    Booking,
    BookingCell,
    CancelLink,
    ConsentText,
    Event,
    Outbox,
)
from .catalogue import (
    Category,
    Resource,
    ResourceOffer,
    ResourceSpecies,
    Species,
    SpeciesCategory,
    WeeklyOpening,
)
from .upload import APPLYING, DONE, OPEN, Reply, Snapshot, SnapshotPart

__all__ = [
    "APPLYING",
    "CANCELLED",
    "CONFIRMED",
    "DONE",
    "OPEN",
    "Audit",
    "Base",
    "Booking",
    "BookingCell",
    "Busy",
    "CancelLink",
    "Category",
    "ClinicAccount",
    "Conflict",
    "ConsentText",
    "Event",
    "Outbox",
    "Reply",
    "Resource",
    "ResourceOffer",
    "ResourceSpecies",
    "Snapshot",
    "SnapshotPart",
    "Species",
    "SpeciesCategory",
    "SyncKey",
    "SyncState",
    "WeeklyOpening",
    "bind_host",
    "host_key",
]
