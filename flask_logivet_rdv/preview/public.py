"""The widget and the cancellation pages: each state, and how an owner comes to it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from flask_logivet_rdv.models import Booking, Category, Outbox, Species
from flask_logivet_rdv.services import accounts, associations, settings

from . import sample
from .portal import MONDAY_10H
from .stage import DETAILS, OURS, TUESDAY_13H, WEDNESDAY_10H30, WIDGET, Stage, hidden, instant

Play = Callable[[Stage], TestResponse]
AWAY = OperationalError("", {}, Exception("gone"))
UNKNOWN = f"{WIDGET}/annuler/{'A' * 43}"
WEEK_AHEAD = "2026-03-25T14:00:00Z"
HOUR_S, WEEK_S = 3600, 7 * 86_400
WRONG = {"name": "N" * 121, "email": "marie@", "phone": "12", "pet_name": "", "reason": "a\x07b"}
SLIP = {"email": "marie@gmial.com", "name": ""}


def opened(headers: Mapping[str, str] | None = None, **query: str) -> Play:
    """Open the widget with nothing chosen."""
    return lambda stage: stage.get(headers=headers, **query)


def calendar(**query: str) -> Play:
    """Open the widget with the three choices made."""
    return lambda stage: stage.get(**stage.choices | query)


def details(start: str, **query: str) -> Play:
    """Go on to the form of a start."""
    return lambda stage: stage.get(DETAILS, **stage.choices | query, start=start)


def after(happens: Callable[[Stage], object], play: Play) -> Play:
    """Have something happen first."""

    def played(stage: Stage) -> TestResponse:
        happens(stage)
        return play(stage)

    return played


def full(day: str, days: int) -> Callable[[Stage], object]:
    """Have the agenda full."""
    return partial(Stage.full, day=day, days=days)


def sent(**changed: str) -> Play:
    """Send the form, filled but for what is changed."""
    return lambda stage: stage.book(**changed)


def meanwhile(happens: Callable[[Stage], object], **query: str) -> Play:
    """Have something happen while the form is being filled."""

    def play(stage: Stage) -> TestResponse:
        form = stage.form(**query)
        happens(stage)
        return stage.post(form)

    return play


def under(play: Play, **limits: str | int) -> Play:
    """Have other limits; what is played twice comes to them."""

    def limited(stage: Stage) -> TestResponse:
        with stage.portal.settings(**limits):
            return play(stage)

    return limited


def twice(path: str) -> Play:
    """Ask for a page more often than is allowed."""

    def play(stage: Stage) -> TestResponse:
        stage.get(path)
        return stage.get(path)

    return play


def booked_twice(stage: Stage) -> TestResponse:
    """Book two times, of which one is allowed."""
    stage.book(WEDNESDAY_10H30)
    return stage.book()


def faulty(fault: Exception, play: Play) -> Play:
    """Have a fault of our own at the last step."""

    def failed(stage: Stage) -> TestResponse:
        stage.portal.app.config["PROPAGATE_EXCEPTIONS"] = False
        with stage.failing(fault):
            return play(stage)

    return failed


def form_without_database(stage: Stage) -> TestResponse:
    """Send a form that the database does not answer to."""
    form = stage.form()
    with stage.failing(AWAY):
        return stage.post(form)


def someone_else_books(stage: Stage) -> None:
    """Let somebody else have the time, and a colleague offer it too."""
    stage.open(sample.HOUSE, sample.WEEK)
    stage.book()


def only_one_of_each(stage: Stage) -> TestResponse:
    """Leave one species and one category: nothing needs to be chosen."""
    stage.mark(Category, online=False)
    stage.mark(Species, online=False)
    exam = settings.CategoryEdit(stage.ids["Examen"], True, 30)
    canine = associations.SpeciesEdit(stage.ids["Canin"], True, frozenset({stage.ids["Examen"]}))
    stage.save(lambda tx: settings.save_categories(tx, [exam], None))
    stage.save(lambda tx: associations.save_species(tx, [canine], None))
    return stage.get()


def unsubscribed(stage: Stage) -> object:
    """End the clinic's subscription."""
    return stage.save(partial(accounts.set_subscription, active=False))


def disabled(stage: Stage) -> object:
    """Take Dr Dolittle off line."""
    return stage.save(lambda tx: settings.set_enabled(tx, stage.ids[sample.DOLITTLE], False, None))


def form_used(stage: Stage) -> TestResponse:
    """Send a form again, with another pet's name."""
    form = stage.form()
    stage.post(form)
    return stage.post(form | {"pet_name": "Minou"})


def confirmation(start: str, later: str, state: str = "sent", **marks: Any) -> Play:
    """Read the confirmation later, its mail in a state, or of a booking that changed since."""

    def play(stage: Stage) -> TestResponse:
        answer = stage.book(start)
        stage.mark(Outbox, state=state)
        if marks:
            stage.mark(Booking, **marks)
        stage.later(instant(later))
        return stage.client.get(answer.request.path)

    return play


def link(after_s: int | None = None, query: str = "", **marks: Any) -> Play:
    """Open the mailed link, some seconds after the visit's start, or of a booking that changed."""

    def play(stage: Stage) -> TestResponse:
        path = stage.link(WEEK_AHEAD)
        if marks:
            stage.mark(Booking, **marks)
        if after_s is not None:
            stage.later(instant(WEEK_AHEAD) + after_s)
        return stage.client.get(path + query)

    return play


def link_without_database(stage: Stage) -> TestResponse:
    """Open the mailed link when the database does not answer."""
    path = stage.link(WEEK_AHEAD)
    with stage.failing(AWAY):
        return stage.client.get(path)


def cancelled(
    reason: str = sample.CANCEL_REASON, *, foreign: bool = False, again: bool = False
) -> Play:
    """Send the form of the link."""

    def play(stage: Stage) -> TestResponse:
        path = stage.link(WEEK_AHEAD)
        fields = hidden(stage.client.get(path)) | {"reason": reason}
        answer = stage.client.post(path, data=fields, headers={} if foreign else OURS)
        if again:
            return stage.client.get(path)
        return stage.client.get(answer.location) if answer.location else answer

    return play


ENDED: Mapping[str, Any] = {"status": "cancelled", "cancelled_at": MONDAY_10H}
MOVED: Mapping[str, Any] = {
    "starts_at": instant(WEEK_AHEAD) + WEEK_S,
    "ends_at": instant(WEEK_AHEAD) + WEEK_S + 1800,
}
FROM_ELSEWHERE = {"Sec-Fetch-Dest": "iframe", "Referer": "https://ailleurs.exemple.org/"}
A_MINUTE_LATER = "2026-03-16T14:01:00Z"
PACIFIC = "Canada/Pacific"
SCENES: Mapping[str, Play] = {
    "W1 nothing chosen": opened(),
    "W1 species chosen": lambda stage: stage.get(species=stage.choices["species"]),
    "W1 calendar": calendar(),
    "W1 day chosen": calendar(day="2026-03-18"),
    "W1 another time zone": calendar(day="2026-03-18", tz=PACIFIC),
    "W1 one of each": only_one_of_each,
    "W1 month without times": after(full("2026-04-01", 30), calendar(month="2026-04")),
    "W1 nothing at all": after(full("2026-03-16", 64), calendar()),
    "W1 gone": opened(species="00000000-0000-4000-8000-000000000000"),
    "W1 no time chosen": lambda stage: stage.get(DETAILS, **stage.choices),
    "W1 back from the form": lambda stage: stage.post(stage.form(), WIDGET),
    "W1 not subscribed": after(unsubscribed, opened()),
    "W1 unknown": opened(widgetId="zz"),
    "W1 site not authorized": opened(FROM_ELSEWHERE),
    "W1 too often": under(twice(WIDGET), limit_pages="1/hour"),
    "W1 fault": faulty(ZeroDivisionError(), opened()),
    "W2 form": details("2026-03-18T14:00:00Z"),
    "W2 another time zone": details("2026-03-18T14:00:00Z", tz=PACIFIC),
    "W2 nothing filled": lambda stage: stage.post(
        stage.form() | dict.fromkeys((*sample.OWNER, "consent"), "")
    ),
    "W2 errors": sent(**WRONG),
    "W2 slip in the email": sent(**SLIP),
    "W2 too quick": under(sent(), form_min_age=3),
    "W2 not verified": sent(token="forged"),  # noqa: S106 that is the point
    "W2 taken": meanwhile(someone_else_books),
    "W2 taken, another time zone": meanwhile(someone_else_books, tz=PACIFIC),
    "W2 taken, nothing left": meanwhile(full("2026-03-16", 64)),
    "W2 under 12 hours": meanwhile(lambda stage: stage.later(instant("2026-03-18T02:01:00Z"))),
    "W2 over 2 months": details("2026-06-18T14:00:00Z"),
    "W2 gone": meanwhile(disabled),
    "W2 not subscribed": meanwhile(unsubscribed),
    "W2 form already used": form_used,
    "W2 several ahead": under(booked_twice, max_live_per_email=1),
    "W2 several today": under(booked_twice, max_confirmations_per_email=1),
    "W2 several by phone": under(booked_twice, max_live_per_phone=1),
    "W2 too often from here": under(booked_twice, limit_bookings="1/hour"),
    "W2 too often for the clinic": under(booked_twice, limit_widget="1/hour"),
    "W2 fault": form_without_database,
    "W2 from elsewhere": lambda stage: stage.post({}, DETAILS, Origin="https://mal.exemple.org"),
    "W2 too large": sent(reason="é" * 65_536),
    "W3 booked": sent(),
    "W3 another time zone": lambda stage: stage.post(stage.form(tz=PACIFIC)),
    "W3 under 24 hours": confirmation(TUESDAY_13H, "2026-03-16T18:00:00Z"),
    "W3 mail late": confirmation(WEDNESDAY_10H30, A_MINUTE_LATER, "pending"),
    "W3 cancelled": confirmation(WEDNESDAY_10H30, A_MINUTE_LATER, **ENDED, cancelled_by="client"),
    "W3 unknown": lambda stage: stage.get(f"{WIDGET}/confirmation/zz"),
    "C1 form": link(),
    "C1 moved by the clinic": link(**MOVED),
    "C1 no reason": cancelled(""),
    "C1 long reason": cancelled("é" * 501),
    "C1 from elsewhere": cancelled(foreign=True),
    "C1 kept": link(query="?keep=1"),
    "C1 late": link(-HOUR_S),
    "C1 past": link(HOUR_S),
    "C1 cancelled already": cancelled(again=True),
    "C1 cancelled by the clinic": link(**ENDED, cancelled_by="clinic"),
    "C1 unknown": lambda stage: stage.client.get(UNKNOWN),
    "C1 too often": under(twice(UNKNOWN), limit_pages="1/hour"),
    "C1 too many cancellations": under(twice(UNKNOWN), limit_cancels="1/hour"),
    "C1 fault": link_without_database,
    "C2 cancelled": cancelled(),
}
