"""W2: the owner's details and the booking (S82–S89)."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ConsentText, Outbox, Resource
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.web.tokens import new_form_token
from tests.blueprints.widget.owner import (
    DETAILS,
    SAME_ORIGIN,
    WEDNESDAY_10H,
    WEDNESDAY_10H30,
    WIDGET,
    Owner,
    Page,
    open_like_dolittle,
)
from tests.support.clinics import DOLITTLE, TestClinic, at
from tests.support.portal import Clock

CONSENT = (
    "Je consens à l'utilisation de mes renseignements personnels pour la prise de rendez-vous."
)


def typed(page: Page) -> dict[str, str]:
    form = page.form()
    return {name: form[name] for name in ("name", "email", "pet_name", "phone", "reason")}


def problems(page: Page) -> list[str]:
    return [li.get_text(strip=True) for li in page.all("[role=alert] li")]


def test_the_form_has_the_manuals_fields_in_order(owner: Owner):
    owner.lang = "fr"
    page = owner.details()
    assert page.status == 200
    assert [label.get_text() for label in page.all("form label") if label["for"] != "rdv-website"][
        :6
    ] == [
        "Nom *",
        "Adresse courriel *",
        "Nom de l'animal *",
        "Numéro de téléphone *",
        "Raison du rendez-vous *",
        f"{CONSENT} *",
    ]
    assert not page.all("input[name=consent][checked]")


def test_the_summary_says_when_what_and_who(owner: Owner):
    owner.lang = "fr"
    summary = owner.details().one("dl").get_text(" ", strip=True).replace("\xa0", " ")
    assert "mercredi 18 mars 2026, 10 h à 10 h 30 (heure de l'Est)" in summary
    assert "Examen, 30 minutes, Canin" in summary
    assert DOLITTLE in summary


def test_in_another_zone_the_clinics_time_comes_first(owner: Owner):
    when = owner.details(tz="Canada/Pacific").one("dd:nth-of-type(1)").get_text(" ", strip=True)
    assert when.index("Eastern Time") < when.index("Pacific Time")


def test_a_filled_form_books_and_leads_to_the_confirmation(owner: Owner, bookings):
    page = owner.book()
    assert page.status == 303
    (booking,) = bookings.all()
    assert urlsplit(page.answer.location).path.startswith(f"{WIDGET}/confirmation/")
    assert booking.starts_at == at("2026-03-18", "10:00")
    assert (booking.client_name, booking.pet_name) == ("Marie Tremblay", "Tom")
    assert (booking.email, booking.phone) == (owner.email, "+15145550134")
    assert (booking.reason, booking.language) == ("Vaccin annuel", "en")


def test_the_confirmation_mail_waits_for_the_typed_address(owner: Owner, bookings, session):
    owner.book()
    (booking,) = bookings.all()
    (mail,) = session.scalars(sa.select(Outbox).where(Outbox.booking_id == booking.id))
    assert (mail.kind, mail.locale) == ("confirmation", "en")


def test_the_consent_is_kept_as_it_was_read(owner: Owner, bookings, session):
    owner.lang = "fr"
    owner.book()
    (booking,) = bookings.all()
    text = session.get(ConsentText, booking.consent_sha256)
    assert (text.version, text.locale, text.body) == ("2026-01", "fr", CONSENT)


def test_everything_is_required_in_the_manuals_words(owner: Owner, bookings):
    owner.lang = "fr"
    page = owner.send(owner.details().form())
    assert page.status == 422
    assert problems(page) == [
        "Nom est obligatoire.",
        "Adresse courriel est obligatoire.",
        "Nom de l'animal est obligatoire.",
        "Numéro de téléphone est obligatoire.",
        "Raison du rendez-vous est obligatoire.",
        f"{CONSENT} est obligatoire.",
    ]
    assert not bookings.all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "   "),
        ("name", "\x00\x07"),
        ("name", "Zo\x1bé"),
        ("reason", "une\x00deux"),
        ("name", "x" * 121),
        ("pet_name", "x" * 81),
        ("reason", "x" * 1001),
        ("reason", " \r\n\t "),
        ("email", "marie"),
        ("email", "marie@"),
        ("email", "marie@exemple"),
        ("email", "a@b.ca, c@d.ca"),
        ("email", "marie@exemple.ca\nBcc: x@y.ca"),
        ("email", f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 80}.ca"),
        ("name", "\u200b"),
        ("pet_name", "\u2060\u200d"),
        ("phone", "12"),
        ("phone", "514 555"),
        ("phone", "non"),
        ("consent", ""),
    ],
)
def test_a_wrong_field_is_refused_next_to_it_and_the_rest_is_kept(
    owner: Owner, bookings, name: str, value: str
):
    sent = owner.details().form() | owner.filled | {name: value}
    if name == "consent":
        del sent["consent"]
    page = owner.send(sent)
    assert page.status == 422
    assert len(problems(page)) == 1
    assert page.one(f"[name={name}]")["aria-invalid"] == "true"
    assert page.one(f"#rdv-{name}-err").get_text(strip=True) == problems(page)[0]
    kept = {n: v for n, v in owner.typed.items() if n != name}
    assert {n: v for n, v in typed(page).items() if n != name} == kept
    assert page.form()["start"] == WEDNESDAY_10H
    assert not bookings.all()


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("name", "  Zoé\t L'Écuyer ", "Zoé L'Écuyer"),
        ("name", "Zoe\u0301", "Zoé"),
        ("name", "<b>Tom</b>", "<b>Tom</b>"),
        ("reason", "une\r\ndeux\v", "une\ndeux"),
        ("pet_name", "Rex 🐕", "Rex 🐕"),
        ("phone", "+33 1 42 68 53 00", "+33142685300"),
        ("phone", "(514) 555.0134", "+15145550134"),
        ("email", "Marie@EXEMPLE.ca", "Marie@exemple.ca"),
        ("email", "marie@clinique-vétérinaire.ca", "marie@xn--clinique-vtrinaire-kwbb.ca"),
    ],
)
def test_typed_text_is_cleaned(owner: Owner, bookings, name: str, value: str, stored: str):
    assert owner.book(**{name: value}).status == 303
    (booking,) = bookings.all()
    column = {"name": "client_name"}.get(name, name)
    assert getattr(booking, column) == stored


def test_bytes_that_are_no_text_do_not_make_it_fail(owner: Owner):
    answer = owner.client.post(
        DETAILS,
        query_string=owner.widget,
        data=b"name=%ED%A0%80%FF&start=%00&token=%ED%A0%80&resource=%FF",
        content_type="application/x-www-form-urlencoded",
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 422


def test_a_field_comes_back_without_its_control_characters_and_can_be_sent(owner: Owner, bookings):
    page = owner.send(owner.details().form() | owner.filled | {"pet_name": "To\x07m"})
    assert problems(page) == [
        "Pet's name held invisible characters, now removed. Check it, then send again."
    ]
    assert owner.send(page.form()).status == 303
    assert [booking.pet_name for booking in bookings.all()] == ["Tom"]


@pytest.mark.parametrize("name", ["token", "start", "resource", "email", "consent"])
def test_a_field_sent_twice_books_nothing_and_the_form_can_be_sent_anew(
    owner: Owner, bookings, name: str
):
    sent = owner.details().form() | owner.filled
    page = owner.send(sent | {name: [sent[name], "other"]})
    assert page.status == 422
    assert problems(page) == ["This form was no longer valid. Check your details, then book again."]
    assert not bookings.all()
    assert owner.send(page.form()).status == 303


def test_a_form_sent_twice_is_one_booking_one_page_and_one_mail(owner: Owner, bookings, session):
    sent = owner.details().form() | owner.filled
    pages = [owner.send(sent) for _ in range(2)]
    assert [page.status for page in pages] == [303, 303]
    assert pages[0].answer.location == pages[1].answer.location
    (booking,) = bookings.all()
    assert session.query(Outbox).filter_by(booking_id=booking.id).count() == 1


def test_who_comes_back_to_a_form_that_booked_is_led_to_the_booking(owner: Owner, bookings):
    sent = owner.details().form() | owner.filled
    booked = owner.send(sent)
    back = owner.details(token=sent["token"])
    assert back.status == 303
    assert back.answer.location == booked.answer.location
    assert len(bookings.all()) == 1


def test_the_token_of_a_form_that_booked_nothing_opens_a_form(owner: Owner):
    token = owner.details().form()["token"]
    for address in (token, f"{token}x", "x"):
        assert owner.details(token=address).status == 200


def test_to_anybody_else_the_time_is_taken(owner: Owner, portal: Flask, bare_clinic: TestClinic):
    owner.book()
    with portal.app_context():
        stranger = new_form_token(bare_clinic.account_id, 0).sign()
    for token in ("", stranger):
        page = owner.details(token=token)
        assert page.status == 409
        assert "This time has just been taken" in page.text


def test_the_same_form_with_other_content_says_so_and_can_be_sent_anew(owner: Owner, bookings):
    sent = owner.details().form() | owner.filled
    owner.send(sent)
    page = owner.send(sent | {"pet_name": "Rex", "start": WEDNESDAY_10H30})
    assert page.status == 409
    assert "This form has already booked an appointment." in page.text
    assert typed(page)["pet_name"] == "Rex"
    assert owner.send(page.form()).status == 303
    assert [booking.pet_name for booking in bookings.all()] == ["Tom", "Rex"]


def test_a_taken_time_offers_the_nearest_and_keeps_all_that_was_typed(
    owner: Owner, clinic: TestClinic, bookings
):
    sent = owner.details().form() | owner.filled
    clinic.book(at("2026-03-18", "10:00"))
    page = owner.send(sent)
    assert page.status == 409
    assert "This time has just been taken" in page.text
    assert "Wednesday, March 18, 2026 at 10:00" in page.text.replace("\xa0", " ")
    assert WEDNESDAY_10H30 in page.values("input[name=start]")
    assert typed(page) == owner.typed
    assert page.form()["consent"]
    again = owner.send(page.form() | {"start": WEDNESDAY_10H30})
    assert again.status == 303
    assert len(bookings.all()) == 2


def test_no_alternative_chosen_asks_for_a_time(owner: Owner, clinic: TestClinic):
    sent = owner.details().form() | owner.filled
    clinic.book(at("2026-03-18", "10:00"))
    page = owner.send(owner.send(sent).form())
    assert page.status == 422
    assert problems(page) == ["Time is required."]
    assert WEDNESDAY_10H30 in page.values("input[name=start]")


def test_an_alternative_may_be_of_another_resource(owner: Owner, clinic: TestClinic, bookings):
    house = clinic.resources["Dr Gregory House"]
    open_like_dolittle(clinic, house)
    sent = owner.details().form() | owner.filled
    clinic.book(at("2026-03-18", "10:00"))
    page = owner.send(sent)
    other = f"{WEDNESDAY_10H}@{house}"
    assert other in page.values("input[name=start]")
    assert "With Dr Gregory House" in page.text
    assert owner.send(page.form() | {"start": other}).status == 303
    assert {booking.resource_id for booking in bookings.all()} >= {house}


def test_a_start_that_is_now_too_soon_says_so(owner: Owner, clock: Clock, bookings):
    sent = owner.details().form() | owner.filled
    clock.now = datetime(2026, 3, 18, 2, 0, 1, tzinfo=UTC)
    page = owner.send(sent)
    assert page.status == 409
    assert "This time is now less than 12 hours away." in page.text
    assert page.all("input[name=start]")
    assert not bookings.all()


@pytest.mark.parametrize("start", ["2026-05-20T14:00:00Z", "2199-01-02T15:00:00Z"])
def test_a_start_beyond_two_months_is_refused(owner: Owner, bookings, start: str):
    page = owner.send(owner.details().form() | owner.filled | {"start": start})
    assert page.status == 409
    assert "more than 2 months in advance" in page.text
    assert not bookings.all()


def test_a_start_out_of_the_grid_is_refused(owner: Owner, bookings):
    page = owner.send(owner.details().form() | owner.filled | {"start": "2026-03-18T14:05:00Z"})
    assert page.status == 409
    assert not bookings.all()


def test_a_resource_switched_off_meanwhile_is_gone(owner: Owner, clinic: TestClinic, bookings):
    sent = owner.details().form() | owner.filled

    def off(tx):
        resource = tx.session.get(Resource, (clinic.account_id, clinic.resources[DOLITTLE]))
        resource.enabled = False

    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, off)
    page = owner.send(sent)
    assert page.status == 409
    assert "This choice is no longer offered online." in page.text
    assert typed(page) == owner.typed
    assert not bookings.all()


def test_where_no_time_is_left_no_error_leads_to_times(owner: Owner, clinic: TestClinic):
    sent = owner.details().form() | owner.filled
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, close)
    page = owner.send(owner.send(sent).form())
    assert page.status == 422
    assert problems(page) == ["Time is required."]
    assert not page.all("[role=alert] a, #rdv-times")
    assert "See the whole calendar" in page.text


def close(tx) -> None:
    """Have no resource of the clinic take anybody."""
    for resource in tx.session.query(Resource).filter_by(account_id=tx.account_id):
        resource.enabled = False


def test_another_clinics_resource_is_gone(owner: Owner, bare_clinic: TestClinic, bookings):
    stranger = bare_clinic.resources[DOLITTLE]
    page = owner.send(owner.details().form() | owner.filled | {"resource": str(stranger)})
    assert page.status == 409
    assert not bookings.all()


def test_a_subscription_ended_meanwhile_keeps_what_was_typed(
    owner: Owner, clinic: TestClinic, bookings
):
    sent = owner.details().form() | owner.filled
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: set_subscription(tx, False))
    page = owner.send(sent)
    assert page.status == 409
    assert "Online booking is not available at the moment." in page.text
    assert typed(page) == owner.typed
    assert not bookings.all()


def test_a_fourth_upcoming_appointment_of_an_address_is_refused(owner: Owner, bookings):
    email = f"cap-{owner.clinic.account_id.hex}@exemple.ca"
    tagged = [email.replace("@", f"+{n}@") for n in range(2)] + [email.upper()]
    starts = ("T14:00:00Z", "T14:30:00Z", "T15:00:00Z")
    for start, address in zip(starts, tagged, strict=True):
        assert owner.book(f"2026-03-18{start}", email=address).status == 303
    page = owner.book("2026-03-18T15:30:00Z", email=email)
    assert page.status == 429
    assert "You already have several upcoming appointments with this email address." in page.text
    assert len(bookings.all()) == 3


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://widget.exemple.ca"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://mal.exemple.ca"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://widget.exemple.ca"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_only_our_own_pages_may_post(owner: Owner, bookings, headers, accepted: bool):
    sent = owner.details().form() | owner.filled
    assert owner.send(sent, headers).status == (303 if accepted else 403)
    assert len(bookings.all()) == accepted


@pytest.mark.parametrize("path", [WIDGET, DETAILS])
def test_a_foreign_post_learns_nothing(owner: Owner, path: str):
    page = owner.send({}, {}, path)
    assert page.status == 403
    assert "Clinique" not in page.text


def test_a_token_that_is_not_ours_gives_the_form_again(owner: Owner, bookings):
    sent = owner.details().form() | owner.filled
    page = owner.send(sent | {"token": sent["token"][:-2]})
    assert page.status == 422
    assert typed(page) == owner.typed
    assert page.form()["token"] != sent["token"]
    assert not bookings.all()
    assert owner.send(page.form()).status == 303


def test_another_widgets_token_is_not_ours(
    owner: Owner, bare_clinic: TestClinic, portal: Flask, bookings
):
    with portal.app_context():
        token = new_form_token(bare_clinic.account_id, 0).sign()
    assert owner.send(owner.details().form() | owner.filled | {"token": token}).status == 422
    assert not bookings.all()


def test_there_is_no_time_limit_to_fill_the_form(owner: Owner, clock: Clock):
    sent = owner.details("2026-04-02T14:00:00Z").form() | owner.filled
    clock.advance(days=10)
    assert owner.send(sent).status == 303


def test_a_filled_trap_is_refused_like_any_form(owner: Owner, bookings):
    page = owner.book(website="https://mal.exemple.ca")
    assert page.status == 422
    assert typed(page) == owner.typed
    assert not page.form()["website"]
    assert not bookings.all()


def test_the_trap_is_out_of_reach_of_people(owner: Owner):
    trap = owner.details().one("[name=website]")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert trap.find_parent(attrs={"aria-hidden": "true"})


def test_back_keeps_what_was_typed_out_of_the_address(owner: Owner):
    back = owner.details().all("button[formaction]")[-1]
    address = str(back["formaction"])
    assert urlsplit(address).path == WIDGET
    calendar = Page(
        owner.client.post(address, data=owner.details().form() | owner.typed, headers=SAME_ORIGIN)
    )
    assert calendar.status == 200
    assert {form["method"] for form in calendar.all("form")} == {"post"}
    assert owner.email not in str(calendar.soup)
    draft = calendar.values(f"form[action='{DETAILS}'] [name=draft]")[0]
    form = owner.send(owner.choices | {"draft": draft, "start": WEDNESDAY_10H})
    assert form.status == 200
    assert typed(form) == owner.typed
    assert "consent" not in form.form()


def test_the_way_back_leads_to_the_day_one_came_from(owner: Owner):
    form = owner.details("2026-03-19T13:00:00Z", day="2026-03-19").form()
    back = str(owner.details().all("button[formaction]")[-1]["formaction"])
    calendar = Page(owner.client.post(back, data=form | owner.typed, headers=SAME_ORIGIN))
    assert calendar.one("[aria-current=date]")["value"] == "2026-03-19"


def test_a_forged_draft_is_empty(owner: Owner):
    form = owner.send(owner.choices | {"draft": "abc", "start": WEDNESDAY_10H})
    assert form.status == 200
    assert not any(typed(form).values())


def test_a_body_no_form_of_ours_fills_is_refused(owner: Owner, bookings):
    page = owner.send(owner.details().form() | owner.filled | {"reason": "x" * 70_000})
    assert page.status == 413
    assert not bookings.all()


def test_a_database_that_fails_keeps_what_was_typed_and_the_same_form(
    owner: Owner, bookings, monkeypatch: pytest.MonkeyPatch
):
    sent = owner.details().form() | owner.filled

    def down(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("BEGIN", {}, OSError("down"))

    with monkeypatch.context() as broken:
        broken.setattr("flask_logivet_rdv.blueprints.widget.views_details.transact", down)
        page = owner.send(sent)
    assert page.status == 503
    assert "Something went wrong on our side." in page.text
    assert typed(page) == owner.typed
    assert page.form()["token"] == sent["token"]
    assert owner.send(page.form()).status == 303
    assert len(bookings.all()) == 1


FAULTS = {
    "fr": "Une erreur est survenue de notre côté."
    " Réessayez dans un instant ou téléphonez à la clinique.",
    "en": "Something went wrong on our side. Try again in a moment or call the clinic.",
}


@pytest.fixture
def faults_are_answered(portal: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the portal answer a fault as in production, where tests let it through."""
    monkeypatch.setitem(portal.config, "PROPAGATE_EXCEPTIONS", False)


def fault(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("faults_are_answered")
@pytest.mark.parametrize("lang", FAULTS)
@pytest.mark.parametrize("where", ["views_details.transact", "entry.account_of"])
def test_a_fault_of_our_own_keeps_what_was_typed_and_the_same_form(
    owner: Owner, bookings, monkeypatch: pytest.MonkeyPatch, lang: str, where: str
):
    owner.lang = lang
    sent = owner.details().form() | owner.filled
    with monkeypatch.context() as broken:
        broken.setattr(f"flask_logivet_rdv.blueprints.widget.{where}", fault)
        page = owner.send(sent)
    assert page.status == 500
    assert FAULTS[lang] in page.one("[role=alert]").get_text(" ", strip=True)
    assert typed(page) == owner.typed
    assert page.form()["consent"]
    assert page.form()["token"] == sent["token"]
    assert owner.send(page.form()).status == 303
    assert len(bookings.all()) == 1


@pytest.mark.usefixtures("faults_are_answered")
@pytest.mark.parametrize("lang", FAULTS)
def test_a_page_that_fails_offers_to_try_again_or_to_call(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, lang: str
):
    owner.lang = lang
    monkeypatch.setattr("flask_logivet_rdv.blueprints.widget.calendar.offered", fault)
    page = owner.look()
    assert page.status == 500
    assert FAULTS[lang] in page.text
    assert page.one("main a:not([href^='tel:'])")["href"] == ""
    assert page.one("a[href='tel:5145550134']")


@pytest.mark.usefixtures("faults_are_answered")
def test_a_fault_before_the_clinic_is_known_shows_no_phone(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("flask_logivet_rdv.blueprints.widget.entry.account_of", fault)
    page = owner.look()
    assert page.status == 500
    assert page.one("main a")["href"] == ""


def test_a_database_that_goes_away_leaves_the_clinics_phone(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
):
    def down(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, OSError("down"))

    monkeypatch.setattr("flask_logivet_rdv.blueprints.widget.calendar.offered", down)
    page = owner.look()
    assert page.status == 503
    assert int(page.answer.headers["Retry-After"]) > 0
    assert page.one("a[href='tel:5145550134']")


@pytest.mark.parametrize("what", ["get", "post"])
def test_a_database_that_is_away_from_the_start_is_told(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, what: str
):
    sent = owner.details().form() | owner.filled

    def down(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, OSError("down"))

    monkeypatch.setattr("flask_logivet_rdv.blueprints.widget.entry.account_of", down)
    page = owner.look() if what == "get" else owner.send(sent)
    assert page.status == 503
    assert int(page.answer.headers["Retry-After"]) > 0
    assert "Something went wrong on our side." in page.text
    if what == "post":
        assert typed(page) == owner.typed


def test_nothing_personal_is_in_any_address(owner: Owner):
    page = owner.book()
    confirmation = Page(owner.client.get(page.answer.location))
    addresses = [page.answer.location] + [
        str(tag.get("href") or tag.get("action"))
        for tag in confirmation.all("a[href], form[action]")
    ]
    assert not [a for a in addresses if re.search("marie|tremblay|tom$", a, re.IGNORECASE)]
