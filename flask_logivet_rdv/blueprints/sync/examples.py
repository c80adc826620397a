"""The examples of the OpenAPI document: the manual's own clinic and its own appointment."""

from typing import Any

from .problems import BadItem

BOOKING: dict[str, Any] = {
    "id": "5b0c9a3e-7d0f-4c7e-9f5a-2f6a4d1e8b21",
    "version": 1,
    "status": "confirmed",
    "resource_id": "5",
    "category_id": "12",
    "species_id": "c",
    "start": "2026-03-18T17:30:00Z",
    "end": "2026-03-18T18:00:00Z",
    "time_zone": "America/Toronto",
    "language": "fr",
    "labels": {
        "category": {"fr": "Examen", "en": "Exam"},
        "species": {"fr": "Canin", "en": "Canine"},
        "resource": {"fr": "Dr John Dolittle", "en": "Dr John Dolittle"},
    },
    "client": {
        "name": "Solutions Vet",
        "email": "solutions@exemple.ca",
        "phone": "+15145550134",
    },
    "pet_name": "Tom",
    "reason": "Examen annuel",
    "booked_at": "2026-03-16T13:59:58Z",
    "consent": {"at": "2026-03-16T13:59:58Z", "text_version": "2026-01", "language": "fr"},
    "cancelled_at": None,
    "cancelled_by": None,
    "cancel_reason": None,
}

BODIES: dict[str, Any] = {
    "changes": {
        "token": "1773669600:412",
        "changes": [
            {
                "op": "upsert",
                "kind": "category",
                "id": "12",
                "version": 3,
                "data": {"name": {"fr": "Examen", "en": "Exam"}, "active": True},
            },
            {
                "op": "upsert",
                "kind": "species",
                "id": "c",
                "version": 1,
                "data": {
                    "name": {"fr": "Canin", "en": "Canine"},
                    "short_name": {"fr": "Can", "en": "Can"},
                },
            },
            {
                "op": "upsert",
                "kind": "resource",
                "id": "5",
                "version": 8,
                "data": {
                    "name": {"fr": "Dr John Dolittle", "en": "Dr John Dolittle"},
                    "active": True,
                    "position": 2,
                },
            },
            {
                "op": "upsert",
                "kind": "busy",
                "id": "A-9913",
                "version": 1,
                "data": {
                    "resource_id": "5",
                    "type": "appointment",
                    "start": "2026-03-18T13:30:00-04:00",
                    "end": "2026-03-18T14:00:00-04:00",
                    "booking_id": None,
                },
            },
            {"op": "delete", "kind": "category", "id": "7", "version": 4},
        ],
    },
    "open_snapshot": {
        "kinds": ["category", "species", "resource", "busy"],
        "busy_from": "2026-03-16T00:00:00-04:00",
        "busy_to": "2026-06-16T00:00:00-04:00",
    },
    "put_part": {
        "items": [
            {
                "kind": "busy",
                "id": "A-9913",
                "version": 1,
                "data": {
                    "resource_id": "5",
                    "type": "appointment",
                    "start": "2026-03-18T13:30:00-04:00",
                    "end": "2026-03-18T14:00:00-04:00",
                    "booking_id": None,
                },
            },
        ],
    },
    "commit_snapshot": {"parts": 1},
    "cancel_booking": {"reason": "Dr Dolittle est absent", "notify_client": True},
    "move_booking": {
        "resource_id": "5",
        "start": "2026-03-18T15:00:00-04:00",
        "end": "2026-03-18T15:30:00-04:00",
        "notify_client": True,
    },
}

ANSWERS: dict[str, Any] = {
    "cancel_booking": {
        "booking": BOOKING
        | {
            "version": 2,
            "status": "cancelled",
            "cancelled_at": "2026-03-16T15:02:11Z",
            "cancelled_by": "clinic",
            "cancel_reason": "Dr Dolittle est absent",
        }
    },
    "move_booking": {
        "booking": BOOKING
        | {"version": 2, "start": "2026-03-18T19:00:00Z", "end": "2026-03-18T19:30:00Z"}
    },
    "rotate_key": {
        "key": "rdv_0123456789abcdef_7v0iJ5yk1nq2m8cWf3xZb6sTgRdAeLpOuHhQwYzKjEU",
        "expires_at": "2026-03-17T14:00:00Z",
    },
    "hello": {
        "protocol": 1,
        "server_time": "2026-03-16T14:00:00Z",
        "clinic": {"name": "Clinique P&C", "time_zone": "America/Toronto", "locale": "fr"},
        "subscription": "active",
        "token": "1773669600:412",
        "cursor": "1773669600:0",
        "acknowledged": "1773669600:118",
        "limits": {
            "changes_per_request": 500,
            "bytes_per_request": 524_288,
            "events_per_page": 200,
            "wait_s": 25,
            "snapshot_parts": 1000,
        },
    },
    "changes": {
        "token": "1773669600:413",
        "results": [
            {"kind": "category", "id": "12", "status": "applied"},
            {"kind": "species", "id": "c", "status": "unchanged"},
            {"kind": "resource", "id": "5", "status": "applied"},
            {"kind": "busy", "id": "A-9913", "status": "applied"},
            {"kind": "category", "id": "7", "status": "stale"},
        ],
        "conflicts": [{"booking_id": BOOKING["id"], "busy_id": "A-9913"}],
    },
    "open_snapshot": {"id": "d1f0a2b4-6c53-4f0e-8a39-7b1f5f0c2e64", "part_size": 500},
    "commit_snapshot": {
        "token": "1773669600:420",
        "counts": {
            "category": {"added": 0, "changed": 0, "removed": 0, "unchanged": 5},
            "species": {"added": 0, "changed": 0, "removed": 0, "unchanged": 6},
            "resource": {"added": 0, "changed": 0, "removed": 0, "unchanged": 3},
            "busy": {"added": 3, "changed": 1, "removed": 2, "unchanged": 140},
        },
        "conflicts": [{"booking_id": BOOKING["id"], "busy_id": "A-9913"}],
    },
    "events": {
        "events": [
            {
                "seq": 119,
                "id": "0d7c3f5e-33c5-4b43-8a3f-0f4b3f6a9c11",
                "type": "booking.created",
                "at": "2026-03-16T13:59:58Z",
                "booking": BOOKING,
                "agenda": {
                    "status": "Confirmé",
                    "status_code": "confirmed",
                    "description": "Rendez-vous en ligne, réservé le 16 mars 2026",
                },
                "message": {
                    "language": "fr",
                    "subject": "Nouveau rendez-vous en ligne",
                    "body": "Tom (Canin), Examen avec Dr John Dolittle.",
                },
            }
        ],
        "cursor": "1773669600:119",
        "has_more": False,
        "server_time": "2026-03-16T14:00:00Z",
        "poll_after_s": 0,
    },
    "bookings": {
        "bookings": [BOOKING],
        "page": 1,
        "has_more": False,
        "as_of": "1773669600:131",
    },
}

PARAMETERS: dict[str, Any] = {
    "Idempotency-Key": "3f1c9a52-8c0e-4d7b-9b51-0c6d2e7f4a10",
    "cursor": "1773669600:118",
    "wait": 25,
    "limit": 200,
    "from": "2026-03-16T00:00:00-04:00",
    "to": "2026-06-16T00:00:00-04:00",
    "status": "confirmed",
    "page": 2,
    "as_of": "1773669600:131",
    "snapshot_id": "d1f0a2b4-6c53-4f0e-8a39-7b1f5f0c2e64",
    "n": 1,
    "booking_id": BOOKING["id"],
}

_ORDER = ("order", "The end must be after the start.")
_REQUIRED = ("required", "Is required.")
BAD_ITEMS = {
    "changes": [
        BadItem(*_ORDER, pointer="/changes/3/data"),
        BadItem(*_REQUIRED, header="Idempotency-Key"),
    ],
    "open_snapshot": [BadItem("too_short", "Must not be empty.", pointer="/kinds")],
    "put_part": [BadItem(*_ORDER, pointer="/items/0/data")],
    "commit_snapshot": [
        BadItem("incomplete", "Some of these parts did not arrive.", pointer="/parts")
    ],
    "events": [BadItem(*_REQUIRED, parameter="cursor")],
    "bookings": [BadItem("required", "Is required from the second page on.", parameter="as_of")],
    "cancel_booking": [BadItem(*_REQUIRED, pointer="/notify_client")],
    "move_booking": [BadItem("unknown", "Is no resource of this clinic.", pointer="/resource_id")],
}
"""What may be wrong with a request, by operation."""
