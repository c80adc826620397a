"""The manual's sentences S67 to S103: booking and cancelling online, one test each.

The owner reads French, the manual's own words; mails leave by a real mail server, and LogiVet
reads the feed over the sync interface.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv import jobs
from flask_logivet_rdv.host import MailText
from flask_logivet_rdv.models import Outbox
from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.sync.calls import Desktop
from tests.blueprints.widget.owner import (
    SAME_ORIGIN,
    WEDNESDAY_10H,
    Owner,
    Page,
    open_like_dolittle,
)
from tests.support.clinics import DOLITTLE, TestClinic
from tests.support.portal import Clock
from tests.support.post import PostOffice, mailing_to, post_office

CONSENT = (
    "Je consens à l'utilisation de mes renseignements personnels pour la prise de rendez-vous."
)
MONDAY_13H30 = "2026-03-23T17:30:00Z"
WEDNESDAY_25 = "2026-03-25T14:00:00Z"
HOUSE = "Dr Gregory House"
LINK = re.compile(r"https://widget\.exemple\.ca(/services/online-appointment/annuler/([\w-]{43}))")


@pytest.fixture
def owner(portal: Flask, clinic: TestClinic) -> Owner:
    return Owner(clinic, portal.test_client(), lang="fr")


@pytest.fixture
def desktop(portal: Flask, clinic: TestClinic) -> Desktop:
    return Desktop(portal.test_client(), clinic.key)


@pytest.fixture
def office(portal: Flask, session: Session) -> Iterator[PostOffice]:
    session.execute(sa.delete(Outbox))
    session.commit()
    with post_office() as office, mailing_to(portal, office.port):
        yield office


@pytest.fixture
def mails(portal: Flask, owner: Owner, office: PostOffice) -> Callable[[], list[EmailMessage]]:
    """Have what waits leave, and return what came to the owner."""

    def arrived() -> list[EmailMessage]:
        with portal.app_context():
            jobs.drain()
        return office.to(owner.email)

    return arrived


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def options(page: Page, name: str) -> list[str]:
    return [option.get_text() for option in page.all(f"select[name={name}] option")]


def starts(page: Page) -> list[str]:
    """The times as their buttons show them before one is chosen."""
    return [b.get_text()[:5] for b in page.all(".rdv-slot .b")]


class Cancellation:
    """The pages behind the link of a mail."""

    def __init__(self, owner: Owner, mail: EmailMessage) -> None:
        found = LINK.search(body(mail))
        assert found
        self.client, self.path, self.token = owner.client, found[1], found[2]

    def open(self) -> Page:
        return Page(self.client.get(self.path))

    def send(self, reason: str = "Tom va mieux") -> Page:
        form = self.open().form() | {"reason": reason}
        return Page(self.client.post(self.path, data=form, headers=SAME_ORIGIN))

    def done(self) -> Page:
        return Page(self.client.get(self.send().answer.location))


@pytest.fixture
def cancellation(owner: Owner, mails) -> Cancellation:
    """An appointment on Wednesday 25, and the link of its mail."""
    assert owner.book(WEDNESDAY_25, name="Solutions Vet").status == 303
    return Cancellation(owner, mails()[0])


def events(desktop: Desktop) -> list[dict[str, Any]]:
    return list(desktop.events().json["events"])


# --- W1 -------------------------------------------------------------------------------------


def test_s67_anybody_may_book_client_or_not(owner: Owner, bookings):
    form = owner.details()
    asked = {str(tag["name"]) for tag in form.all("input:not([type=hidden]), textarea")}
    assert asked == {"name", "email", "pet_name", "phone", "reason", "website", "consent"}
    assert owner.book().status == 303
    assert [booking.email for booking in bookings.all()] == [owner.email]
    assert not owner.client._cookies


def test_s68_species_category_and_resource_are_chosen_in_order(owner: Owner, clinic: TestClinic):
    open_like_dolittle(clinic, clinic.resources[HOUSE])
    chosen = owner.choices

    def locked(**query: str) -> list[str]:
        return [str(tag["name"]) for tag in owner.look(**query).all("select[disabled]")]

    assert locked() == ["category", "resource"]
    assert locked(species=chosen["species"]) == ["resource"]
    assert locked(species=chosen["species"], category=chosen["category"]) == []
    assert locked(category=chosen["category"]) == ["category", "resource"]
    assert locked(species=chosen["species"], resource=chosen["resource"]) == ["resource"]


def test_s69_each_list_begins_with_what_to_do(owner: Owner):
    page = owner.look()
    firsts = [options(page, name)[0] for name in ("species", "category", "resource")]
    assert firsts == [
        "Choisissez une espèce",
        "Choisissez une catégorie",
        "Choisissez une ressource",
    ]
    labels = [page.one(f"label[for=rdv-{name}]").text for name in ("species", "category")]
    assert labels == ["Espèce", "Catégorie de rendez-vous"]


def test_s70_the_calendar_comes_with_the_third_choice(owner: Owner, clinic: TestClinic):
    open_like_dolittle(clinic, clinic.resources[HOUSE])
    chosen: dict[str, str] = {}
    for name, value in owner.choices.items():
        assert not owner.look(**chosen).all("table")
        chosen[name] = value
    assert owner.look(**chosen).one("table")


def test_s71_above_the_calendar_stand_category_duration_and_resource(owner: Owner):
    header = owner.calendar().one(".rdv-what")
    assert header.select(".rdv-duration svg")
    assert plain(header.get_text(" ")) == "Examen 30 minutes Dr John Dolittle"


def test_s72_the_months_are_turned_from_this_one_to_two_ahead(owner: Owner):
    for month, title, turned in (
        ("2026-03", "Mars 2026", ["", "2026-04"]),
        ("2026-04", "Avril 2026", ["2026-03", "2026-05"]),
        ("2026-05", "Mai 2026", ["2026-04", ""]),
    ):
        page = owner.calendar(month=month)
        buttons = page.all("button[data-to]")
        assert page.one("#rdv-month").get_text(strip=True) == title
        assert [b["aria-label"] for b in buttons] == ["Mois précédent", "Mois suivant"]
        assert [b["value"] for b in buttons] == turned
        assert [b.has_attr("disabled") for b in buttons] == [not value for value in turned]


def test_s73_weeks_run_from_sunday_and_end_in_the_next_month(owner: Owner):
    page = owner.calendar()
    assert [th.text for th in page.all("th")] == ["DIM", "LUN", "MAR", "MER", "JEU", "VEN", "SAM"]
    cells = [cell.get_text(strip=True) for cell in page.all("td")]
    assert (cells[:2], cells[-5:]) == (["1", "2"], ["31", "1", "2", "3", "4"])
    following = owner.calendar(day=page.one("td.is-out button[value='2026-04-01']")["value"])
    assert following.one("#rdv-month").get_text(strip=True) == "Avril 2026"


def test_s74_the_time_zone_is_chosen_among_those_of_canada(owner: Owner, bookings):
    page = owner.calendar(day="2026-03-18")
    zones = page.all("select[name=tz] option")
    assert plain(page.one("select[name=tz] [selected]").text) == "Canada / Eastern"
    assert {plain(zone.text).partition(" / ")[0] for zone in zones} == {"Canada"}
    there = owner.calendar(day="2026-03-18", tz="Canada/Pacific")
    assert (starts(page)[0], starts(there)[0]) == ("10:00", "07:00")
    assert "La clinique est à l'heure de l'Est." in there.text
    assert "10 h, heure de la clinique" in plain(there.text)
    assert owner.send(owner.details(tz="Canada/Pacific").form() | owner.filled).status == 303
    assert [f"{booking.local_start}" for booking in bookings.all()] == ["2026-03-18T10:00"]


def test_s75_the_whole_date_stands_above_the_times(owner: Owner):
    assert owner.calendar(day="2026-03-18").one("legend").text == "mercredi 18 mars 2026"
    owner.lang = "en"
    assert owner.calendar(day="2026-03-18").one("legend").text == "Wednesday, March 18, 2026"


def test_s76_each_free_start_is_a_button_on_the_24_hour_clock(owner: Owner, clinic: TestClinic):
    assert starts(owner.calendar(day="2026-03-18")) == ["10:00", "10:30", "11:00", "11:30"]
    assert starts(owner.calendar(day="2026-03-23")) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00"),
        *("13:00", "13:30", "14:00", "14:30", "15:00", "15:30"),
    ]
    longer = owner.calendar(
        day="2026-03-23", category=clinic.categories["Consultation comportementale"]
    )
    assert starts(longer) == ["09:00", "09:45", "10:30", "13:00", "13:45", "14:30", "15:15"]


def test_s77_the_chosen_time_shows_its_end(owner: Owner):
    """That the end is seen once its time is chosen, and not before, is tested in a browser."""
    time = owner.calendar(day="2026-03-23").one(f"label:has([value='{MONDAY_13H30}'])")
    assert plain(time.get_text()) == "13:30 - 14:00"
    assert plain(time.select_one(".end").get_text()) == "- 14:00"


def test_s78_next_leads_to_the_details_once_a_time_is_chosen(owner: Owner):
    page = owner.calendar(day="2026-03-18")
    form = page.one("form:has([name=start])")
    assert form.select_one("button").text == "Suivant"
    assert owner.details().one("h1").text == "Vos renseignements"
    refused = owner.details(start=None, day="2026-03-18")
    assert refused.status == 422
    assert refused.one("[role=alert] li").get_text(strip=True) == "Heure est obligatoire."


def test_s79_what_is_less_than_12_hours_ahead_cannot_be_booked(owner: Owner, clock: Clock):
    form = owner.details().form() | owner.filled
    clock.now = datetime.fromisoformat(WEDNESDAY_10H) - timedelta(hours=12)
    assert WEDNESDAY_10H in owner.calendar(day="2026-03-18").values("[name=start]")
    clock.advance(seconds=1)
    assert WEDNESDAY_10H not in owner.calendar(day="2026-03-18").values("[name=start]")
    refused = owner.send(form)
    assert refused.status == 409
    assert "Cette plage est maintenant à moins de 12 heures. Choisissez une autre heure." in plain(
        refused.text
    )
    clock.advance(seconds=-1)
    assert owner.send(form).status == 303


@pytest.mark.parametrize(
    ("now", "last", "beyond"),
    [
        ("2026-03-18T14:00", "2026-05-18", "2026-05-19"),
        ("2026-12-31T15:00", "2027-02-27", "2027-03-01"),
    ],
)
def test_s80_nothing_more_than_2_months_ahead_can_be_booked(
    owner: Owner, clock: Clock, now: str, last: str, beyond: str
):
    clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    offered = owner.calendar(month=last[:7]).values("button.rdv-day")
    assert [day for day in offered if day >= last] == [last]
    form = owner.details(owner.calendar(day=last).values("[name=start]")[-1]).form()
    refused = owner.send(form | owner.filled | {"start": f"{beyond}T15:00:00Z"})
    assert refused.status == 409
    assert owner.send(form | owner.filled).status == 303


def test_s81_both_rules_stand_below_the_calendar_in_the_manuals_words(owner: Owner):
    assert [
        " ".join(li.text.split(" ")).strip() for li in owner.calendar().all(".rdv-rules li")
    ] == [
        "* Il n'est pas possible de prendre rendez-vous dans un délai de moins de 12 heures",
        "** Il n'est pas possible de prendre un rendez-vous plus de 2 mois à l'avance",
    ]


# --- W2 -------------------------------------------------------------------------------------


def test_s82_the_form_asks_name_address_pet_number_and_reason(owner: Owner):
    page = owner.details()
    labels = {tag["for"]: tag.text for tag in page.all("label")}
    fields = page.all("input.rdv-input, textarea.rdv-input")
    assert [(f["name"], labels[f["id"]], f.get("autocomplete")) for f in fields] == [
        ("name", "Nom *", "name"),
        ("email", "Adresse courriel *", "email"),
        ("pet_name", "Nom de l'animal *", "off"),
        ("phone", "Numéro de téléphone *", "tel"),
        ("reason", "Raison du rendez-vous *", None),
    ]
    assert all(field.has_attr("required") for field in fields)


def test_s83_an_example_of_a_reason_is_given(owner: Owner):
    page = owner.details()
    hint = page.one("#rdv-reason-hint")
    assert plain(hint.text) == (
        "Exemple : raison de la consultation, depuis quand, questions pour l'équipe."
    )
    assert hint["id"] in page.one("[name=reason]")["aria-describedby"].split()


def test_s84_the_box_is_to_be_ticked(owner: Owner, bookings):
    page = owner.details()
    box = page.one("[name=consent]")
    assert box.has_attr("required")
    assert not box.has_attr("checked")
    assert owner.send(page.form() | owner.typed).status == 422
    assert not bookings.all()
    assert owner.send(page.form() | owner.filled).status == 303


def test_s85_the_consent_has_the_manuals_words(owner: Owner):
    assert owner.details().one("label[for=rdv-consent]").text == f"{CONSENT} *"


def test_s86_so_has_its_error(owner: Owner):
    page = owner.send(owner.details().form() | owner.typed)
    error = f"{CONSENT} est obligatoire."
    assert page.one("[role=alert] li a").text == error
    assert page.one("#rdv-consent-err").text == error
    assert page.one("[name=consent]")["aria-describedby"] == "rdv-consent-err"


# --- what follows a booking -----------------------------------------------------------------


def test_s87_a_mail_confirms_the_booking(owner: Owner, mails):
    assert owner.book(MONDAY_13H30).status == 303
    (mail,) = mails()
    assert plain(mail["Subject"]) == (
        "Confirmation de votre rendez-vous pour Tom, le lundi 23 mars à 13 h 30"
    )
    assert "Votre rendez-vous pour Tom est confirmé." in body(mail)


def test_s88_the_clinic_reads_it_in_its_message_centre(owner: Owner, desktop: Desktop):
    owner.book(MONDAY_13H30)
    (event,) = events(desktop)
    message = event["message"]
    assert (message["language"], message["subject"]) == ("fr", "Nouveau rendez-vous en ligne")
    assert plain(message["body"]) == (
        "Marie Tremblay a réservé pour Tom (Canin) : Examen, le lundi 23 mars 2026,"
        " de 13 h 30 à 14 h, avec Dr John Dolittle. Téléphone : 514 555-0134."
        f" Courriel : {owner.email}. Raison : Vaccin annuel"
    )


def test_s89_it_is_in_the_agenda_of_its_resource(owner: Owner, desktop: Desktop, clinic):
    owner.book(MONDAY_13H30)
    (event,) = events(desktop)
    assert event["type"] == "booking.created"
    booking = event["booking"]
    assert booking["resource_id"] == clinic.logivet[f"resource:{DOLITTLE}"]
    assert (booking["start"], booking["end"]) == (MONDAY_13H30, "2026-03-23T18:00:00Z")
    assert event["agenda"]["status_code"] == "confirmed"
    assert plain(event["agenda"]["description"]) == (
        "Rendez-vous en ligne, réservé le 16 mars 2026 à 10 h. Animal : Tom (Canin)."
        f" Raison : Vaccin annuel. Téléphone : 514 555-0134. Courriel : {owner.email}."
    )


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_s90_with_the_clients_name_and_language(owner: Owner, desktop: Desktop, lang: str):
    owner.lang = lang
    owner.book(name="Solutions Vet Inc.")
    (event,) = events(desktop)
    assert event["booking"]["client"]["name"] == "Solutions Vet Inc."
    assert event["booking"]["language"] == lang


# --- C1, C2 ---------------------------------------------------------------------------------


def test_s91_the_link_of_the_mail_leads_to_the_cancellation(
    owner: Owner, cancellation: Cancellation, bookings
):
    for _ in range(3):
        assert cancellation.open().one("h1").text == "Annuler la réservation?"
        assert owner.client.head(cancellation.path).status_code == 200
    assert [booking.status for booking in bookings.all()] == ["confirmed"]
    assert Page(owner.client.get(cancellation.path[:-1])).status == 404


def test_s92_the_mail_says_where_to_cancel_in_the_manuals_words(owner: Owner, mails):
    owner.book()
    (mail,) = mails()
    assert "Pour une annulation utilisez le lien ci-dessous :\n" in body(mail)
    assert "\nANNULER CE RENDEZ-VOUS\n" in body(mail)
    button = BeautifulSoup(body(mail, "html"), "html.parser").select_one("a[href*='/annuler/']")
    assert plain(button.text) == "ANNULER CE RENDEZ-VOUS"


def test_s93_less_than_24_hours_ahead_it_is_too_late(
    owner: Owner, cancellation: Cancellation, clock: Clock, mails
):
    note = (
        "\nNote importante : il n'est pas possible d'annuler un rendez-vous moins de 24 heures à"
        " l'avance via ce lien.\n"
    )
    assert note in body(mails()[0])
    form = cancellation.open().form() | {"reason": "Tom va mieux"}
    clock.now = datetime.fromisoformat(WEDNESDAY_25) - timedelta(hours=23, minutes=59)
    late = cancellation.open()
    assert (late.status, late.one("h1").text) == (
        200,
        "Ce rendez-vous ne peut plus être annulé en ligne",
    )
    assert (
        "Il n'est pas possible d'annuler un rendez-vous moins de 24 heures à l'avance."
        " Il a lieu le mercredi 25 mars 2026 à 10 h. Pour l'annuler, téléphonez à la clinique."
        in plain(late.text)
    )
    assert (
        late.one("a[href='tel:5145550134']").get_text(strip=True) == "Téléphoner au 514\xa0555-0134"
    )
    posted = owner.client.post(cancellation.path, data=form, headers=SAME_ORIGIN)
    assert posted.status_code == 409
    clock.advance(minutes=-1)
    posted = owner.client.post(cancellation.path, data=form, headers=SAME_ORIGIN)
    assert posted.status_code == 303


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_s94_a_reason_is_to_be_given(cancellation: Cancellation, bookings, reason: str):
    page = cancellation.send(reason)
    assert page.status == 422
    assert plain(page.one("[role=alert] p").text) == "Raison de l'annulation est obligatoire."
    assert [booking.status for booking in bookings.all()] == ["confirmed"]


def test_s95_the_question_is_asked_in_the_manuals_words(owner: Owner, cancellation: Cancellation):
    page = cancellation.open()
    assert page.one("h1").text == "Annuler la réservation?"
    assert page.one("h1 + p").text == (
        "Votre créneau horaire actuel sera disponible pour d'autres clients."
    )
    assert page.one("label").text == "Raison de l'annulation *"
    assert page.one("button").text == "Annuler la réservation"
    assert WEDNESDAY_25 not in owner.calendar(day="2026-03-25").values("[name=start]")
    cancellation.send()
    assert WEDNESDAY_25 in owner.calendar(day="2026-03-25").values("[name=start]")


def test_s96_and_so_is_the_success(cancellation: Cancellation):
    page = cancellation.done()
    assert page.one("h1").text == "Votre réservation a été annulée avec succès!"
    assert page.one("h1 + p").text == (
        "Une communication a été transmise à votre vétérinaire pour l'annulation de votre"
        " rendez-vous."
    )


def test_s97_a_mail_confirms_the_cancellation(cancellation: Cancellation, mails):
    cancellation.send()
    _, mail = mails()
    assert mail["Subject"] == "Annulation de votre rendez-vous pour Tom"
    assert body(mail).strip() == (
        "Bonjour Solutions Vet,\n"
        "À votre demande, le rendez-vous prévu pour Tom, le 25 mars 2026 à 10:00 a été annulé avec"
        " succès.\n"
        "Aucune autre action n'est requise de votre part.\n"
        "Merci de votre confiance,\n"
        "L'équipe de Clinique P&C"
    )


def test_s98_the_clinic_reads_it_too(cancellation: Cancellation, desktop: Desktop):
    cancellation.send()
    _, event = events(desktop)
    assert event["message"]["subject"] == "Rendez-vous en ligne annulé"
    assert plain(event["message"]["body"]) == (
        "Solutions Vet a annulé le rendez-vous de Tom prévu le mercredi 25 mars 2026 à 10 h avec"
        " Dr John Dolittle. Raison de l'annulation : Tom va mieux"
    )


def test_s99_the_status_becomes_annule(cancellation: Cancellation, desktop: Desktop):
    cancellation.send()
    _, event = events(desktop)
    assert event["type"] == "booking.cancelled"
    assert event["booking"]["status"] == "cancelled"
    assert event["agenda"]["status"] == "Annulé"
    assert event["agenda"]["status_code"] == "cancelled"


def test_s100_a_mention_of_the_cancellation_is_added_to_the_description(
    cancellation: Cancellation, desktop: Desktop
):
    """The text of an event is added to what the agenda has; the first one stays as it was."""
    (before,) = events(desktop)
    cancellation.send()
    first, event = events(desktop)
    assert first["agenda"]["description"] == before["agenda"]["description"]
    assert plain(event["agenda"]["description"]) == (
        "Rendez-vous annulé en ligne par le client le 16 mars 2026 à 10 h. Raison : Tom va mieux"
    )


def test_s101_an_appointment_is_not_changed_online_but_another_one_is_booked(
    owner: Owner, clinic: TestClinic, cancellation: Cancellation
):
    assert not re.search("modifi|déplac", cancellation.open().text, re.IGNORECASE)
    again = cancellation.done().one("a[href*=widgetId]")
    assert again.text == "Prendre un autre rendez-vous"
    assert str(clinic.account_id) in str(again["href"])
    booked = Page(owner.client.get(owner.book().answer.location))
    assert booked.one("form button").text == "Réserver pour un autre animal"


def test_s102_the_portals_own_mail_templates_are_used(
    portal: Flask, owner: Owner, mails, monkeypatch: pytest.MonkeyPatch
):
    own = MailText(subject="À bientôt, {pet}", text="Le {date} à {clock}. {cancel_url}")
    monkeypatch.setattr(portal.extensions[EXTENSION].host, "mail_text", lambda *_: own)
    owner.book()
    (mail,) = mails()
    assert mail["Subject"] == "À bientôt, Tom"
    assert body(mail).startswith("Le mercredi 18 mars 2026 à 10:00. ")
    assert Cancellation(owner, mail).open().status == 200


def test_s103_everything_is_in_the_language_of_the_widget(
    portal: Flask, clinic: TestClinic, desktop: Desktop, office: PostOffice
):
    english = Owner(clinic, portal.test_client(), lang="en")
    calendar = english.calendar(day="2026-03-18")
    assert options(calendar, "species")[1:] == ["Canine", "Feline"]
    assert calendar.one("legend").text == "Wednesday, March 18, 2026"
    done = english.book()
    pages = [
        calendar,
        english.details(WEDNESDAY_25),
        Page(english.client.get(done.answer.location)),
    ]
    with portal.app_context():
        jobs.drain()
    (mail,) = office.to(english.email)
    assert mail["Subject"].startswith("Your appointment for Tom is confirmed")
    cancelling = Cancellation(english, mail)
    pages += [cancelling.open(), cancelling.done()]
    assert {page.one("html")["lang"] for page in pages} == {"en-CA"}
    with portal.app_context():
        jobs.drain()
    assert office.to(english.email)[1]["Subject"] == "Your appointment for Tom is cancelled"
    assert {event["message"]["language"] for event in events(desktop)} == {"fr"}
