"""What the OpenAPI document tells in words: the whole flow, for who has nothing but it."""

from .payloads import MAX_BYTES, MAX_CHANGES
from .payloads_reading import MAX_WAIT_S
from .payloads_snapshots import MAX_PARTS

GUIDE = f"""\
Between LogiVet, which owns a clinic's agenda, and the portal, where clients book online. LogiVet
asks, the portal never calls. Every rule below is needed: without one of them, the two sides end
different.

## Who owns what

| thing | owner | the other side |
|---|---|---|
| categories, species, resources | LogiVet | the portal shows them; deleted or `active: false` is \
gone at once |
| busy ranges of the agenda | LogiVet | they hide slots; nothing of them but the range is shown |
| online bookings, their cancellation | the portal | LogiVet imports them, and acts on one only by \
`cancel` and `move` |
| durations, weekly hours, what is offered online | the portal | never sent |

## Conventions

- HTTPS, JSON in UTF-8 without compression. Instants are RFC 3339: with an offset on the way in, \
in UTC with `Z` on the way out. Ranges are half-open, `[start, end)`. Integers have no fraction \
or exponent.
- `Authorization: Bearer rdv_…` on every request. A key is of one clinic, so no clinic is ever \
named. It is refused in an address. Each operation tells the scope it needs, in `security`.
- **Tokens, cursors and `as_of` are opaque**: keep them as text, send them back as they came, \
never compute or compare them but for equality.
- Types are not guessed and unknown members of a body are refused (422). Of an answer, ignore \
members that you do not know: some may be added. The values of each `enum` are all there are in \
protocol 1.
- A parameter of an address that is left empty is absent; one given twice is refused.
- Errors are `application/problem+json` with a stable `code`. A web server or proxy on the way may \
answer for itself, with another body: go by the status then.
- Send your version in `User-Agent`: the clinic's pages show it.

## Start

1. `GET /hello`. Compare `token` with the one you stored: the same, go on with `changes`; another \
or none, send a snapshot.
2. No cursor stored: read `GET /bookings` in full, page by page, each page with the `as_of` of the \
first, then go on with `/events` from that `as_of`. A cursor stored: go on from it.

## Steady state

**Up.** Send what changed in the agenda and the catalogue as `changes`, in order, one request at a \
time, with the last `token` and a new `Idempotency-Key`; store the token of the answer. A batch is \
applied whole or not at all. `version` is your own counter of a row: an older one answers `stale`, \
an equal one `unchanged`, and neither changes anything, so that sending again is harmless. A \
delete leaves a tombstone that remembers its version; the row comes back by an upsert with a \
greater one. The token advances by your uploads only, never by bookings.

**Down.** Ask `/events` with your cursor and `wait={MAX_WAIT_S}`, one request at a time. For each \
event, in order, in **one local transaction**: the agenda entry by (booking `id`, `version`) - \
a state whose version is not greater than the one you hold changes nothing -, the text to append \
and the message once per event `id`, and at the end the new cursor. Then ask with the new cursor: \
that acknowledges the events. Delivery is at least once. If `has_more`, ask again at once; if not, \
after `poll_after_s`.

**Mirrors.** Make an agenda entry of each booking and upload it as a busy range with its \
`booking_id`: it never conflicts with its booking. The booking keeps its own range until `move` or \
`cancel`: a mirror that was dragged elsewhere makes a notice, one that was deleted does **not** \
cancel.

**Conflicts.** An entry that lands on an online booking which it does not mirror is accepted, the \
booking is kept, and a `booking.conflict` tells it: a person decides. No client is cancelled by \
the portal.

## When something was lost

| what | how you learn of it | what you do |
|---|---|---|
| an answer | time-out, closed connection | send the same request again: `changes` with the same \
`Idempotency-Key` and the same bytes; `PUT` parts, `commit`, `cancel` and `move` as they are. A \
second `POST /snapshots` only opens another one. `keys/rotate`: again with the old key |
| your database (restored from a backup), or two desktops upload | 409 `token_mismatch` | a \
snapshot of all kinds; versions may be lower than before, a snapshot wins. Go on with the events \
from the cursor you have |
| your cursor (too old, another portal) | 410 `resync` | `GET /bookings` in full, apply each by \
(`id`, `version`), then `/events` from its `as_of` |
| the portal's database (restored) | both of these | both of these. A booking that you have and \
the portal does not is shown to a person, never deleted |
| the snapshot (an hour passed, or another was committed) | 404 `no_such_snapshot` | open a new \
one |

**Snapshot.** `POST /snapshots`, then parts 1 to n by `PUT` (one sent again replaces the former), \
then `commit` with n. Nothing is visible before the commit. What is absent, of its kinds and of \
busy ranges in its window, is deleted; tombstones of its kinds are forgotten. While it is applied \
`changes` answer 409 `snapshot_in_progress`. An answer to a commit that was lost: commit again.

## Trying again

| status | what to do |
|---|---|
| 400, 404, 405, 413, 415, 422 | do not repeat: a person has to look, or the batch to be made \
smaller. With `invalid`, `errors` names every bad item, and nothing was applied |
| 401 | stop, and tell the user: the key was revoked, or ended |
| 403 | stop what is refused, and tell the user |
| 409, 410 | by `code`, as above; wait where `Retry-After` is given |
| 429, 503, and 409 with `Retry-After` | the same request after that many seconds |
| 500, 502, 504, no answer | the same request, after 5 s, then twice as long each time, up to \
5 minutes, with some chance in it |

## Limits

{MAX_CHANGES} changes or items and {MAX_BYTES} bytes a request, {MAX_PARTS} parts a snapshot, an \
hour from opening a snapshot to its commit, 200 events or bookings a page, {MAX_WAIT_S} s of wait, \
a busy range of 366 days, answers kept 48 hours by `Idempotency-Key`, events 60 days and until \
acknowledged. `hello` tells those that matter.
"""

TAGS = {
    "start": ("Who is there.", {"hello"}),
    "up": (
        "What LogiVet uploads.",
        {"changes", "open_snapshot", "put_part", "commit_snapshot"},
    ),
    "down": ("What the portal tells.", {"events", "bookings"}),
    "actions": ("The clinic acts on an online booking.", {"cancel_booking", "move_booking"}),
    "keys": ("The key itself.", {"rotate_key"}),
}
"""Groups of operations: what each is, and the names of its operations."""

KEY = (
    "`rdv_<key id>_<secret>`, one per clinic, made on the portal. Scopes: `events:read` for"
    " `events` and `bookings`; `agenda:write` for `changes`, `snapshots`, `cancel`, `move` and"
    " `keys/rotate`; `hello` needs none. Two keys are valid during a rotation; revocation acts at"
    " the next request."
)

PATH_WORDS = {
    "snapshot_id": "The `id` that opening the snapshot gave.",
    "n": "The number of the part, from 1.",
    "booking_id": "The booking's `id`, as in an event.",
}
"""What the parts of addresses are."""
