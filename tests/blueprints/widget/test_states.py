"""Every state of W1, W2 and W3: its HTTP status and its words, in both languages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.widget import calendar, entry, views_details
from flask_logivet_rdv.models import Booking, Resource, WeeklyOpening
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION, KEPT
from tests.blueprints.widget.owner import (
    WEDNESDAY_10H,
    WEDNESDAY_10H30,
    WIDGET,
    Owner,
    Page,
    open_like_dolittle,
)
from tests.support.clinics import TestClinic, at, make_clinic
from tests.support.languages import LANGUAGES, assert_in_its_language, foreign
from tests.support.portal import Clock

CALL = {"fr": "Téléphoner au 514 555-0134", "en": "Call 514-555-0134"}


@dataclass
class World:
    """An owner in front of a clinic's widget, and all that may happen meanwhile."""

    owner: Owner
    clinic: TestClinic
    clock: Clock
    monkeypatch: pytest.MonkeyPatch

    @property
    def filled(self) -> dict[str, str]:
        return self.owner.details().form() | self.owner.filled

    def do(self, work: Callable[[Any], Any]) -> None:
        """Change something at the clinic."""
        with self.clinic.app.app_context():
            transact(jobs.desk(), self.clinic.account_id, work)

    def settings(self, **changed: Any) -> None:
        """Change settings."""
        extensions = self.clinic.app.extensions
        here = extensions[EXTENSION]
        changed_state = replace(here, settings=replace(here.settings, **changed))
        self.monkeypatch.setitem(extensions, EXTENSION, changed_state)

    def fails(self, module: Any, name: str, error: Exception) -> None:
        """Have a part of the portal fail from now on, as in production."""

        def fail(*_: object, **__: object) -> None:
            raise error

        self.monkeypatch.setitem(self.clinic.app.config, "PROPAGATE_EXCEPTIONS", False)
        self.monkeypatch.setattr(module, name, fail)

    def confirmation(self, **booked: Any) -> str:
        return str(self.owner.book(**booked).answer.location)


@pytest.fixture
def world(
    owner: Owner, clinic: TestClinic, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    clinic.app.extensions.pop(KEPT, None)  # with the counters of limits
    yield World(owner, clinic, clock, monkeypatch)
    clinic.app.extensions.pop(KEPT, None)


DOWN = sa.exc.OperationalError("SELECT", {}, OSError("down"))
FAULT = ZeroDivisionError()


def _unsubscribe(tx: Any) -> None:
    set_subscription(tx, False)


def _switch_off(tx: Any) -> None:
    for resource in tx.session.query(Resource).filter_by(account_id=tx.account_id):
        resource.enabled = False


def _five_minutes_a_week(tx: Any) -> None:
    hours = tx.session.query(WeeklyOpening).filter_by(account_id=tx.account_id)
    for row in hours.offset(1):
        tx.session.delete(row)
    hours.first().end_min = hours.first().start_min + 5


# --- W1 -------------------------------------------------------------------------------------


def nothing_chosen(world: World) -> Page:
    return world.owner.look()


def a_month_without_times(world: World) -> Page:
    world.clock.now = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
    return world.owner.calendar(month="2026-03")


def nothing_within_two_months(world: World) -> Page:
    world.do(_five_minutes_a_week)
    return world.owner.calendar()


def a_choice_that_is_gone(world: World) -> Page:
    return world.owner.calendar(category=world.clinic.categories["Chirurgie"])


def a_day_that_is_gone(world: World) -> Page:
    return world.owner.calendar(day="2026-03-20")


def no_subscription(world: World) -> Page:
    world.do(_unsubscribe)
    return world.owner.calendar()


def nothing_configured(world: World) -> Page:
    bare = make_clinic(world.clinic.app, configured=False)
    return replace(world.owner, clinic=bare).look()


def a_site_that_is_not_listed(world: World) -> Page:
    framed = {"Sec-Fetch-Dest": "iframe", "Referer": "https://mal.ca/"}
    return world.owner.look(framed)


def an_unknown_widget(world: World) -> Page:
    return world.owner.look(widgetId="00000000-0000-4000-8000-000000000000")


def no_widget_at_all(world: World) -> Page:
    return world.owner.look(widgetId="zz")


def a_fault(world: World) -> Page:
    world.fails(calendar, "offered", FAULT)
    return world.owner.look()


def the_database_away(world: World) -> Page:
    world.fails(entry, "account_of", DOWN)
    return world.owner.look()


def the_database_gone_meanwhile(world: World) -> Page:
    world.fails(calendar, "offered", DOWN)
    return world.owner.look()


def too_many_pages(world: World) -> Page:
    world.settings(limit_pages="1/hour")
    world.owner.look()
    return world.owner.look()


def no_time_chosen(world: World) -> Page:
    return world.owner.details(start=None)


OFF = {
    "fr": "La prise de rendez-vous en ligne n'est pas offerte pour le moment."
    " Téléphonez à la clinique.",
    "en": "Online booking is not available at the moment. Please call the clinic.",
}
GONE = {
    "fr": "Ce choix n'est plus offert en ligne. Choisissez de nouveau.",
    "en": "This choice is no longer offered online. Please choose again.",
}
ERROR = {
    "fr": "Une erreur est survenue de notre côté."
    " Réessayez dans un instant ou téléphonez à la clinique.",
    "en": "Something went wrong on our side. Try again in a moment or call the clinic.",
}
UNKNOWN = {
    "fr": "Cet outil de prise de rendez-vous est introuvable. Vérifiez le code du widget.",
    "en": "This booking tool was not found. Check the widget code.",
}
SLOW = {
    "fr": "Trop de demandes en peu de temps. Attendez une minute, puis réessayez.",
    "en": "Too many requests in a short time. Wait a minute and try again.",
}
NO_TIME = {"fr": "Heure est obligatoire.", "en": "Time is required."}
W1 = [
    (
        nothing_chosen,
        200,
        {
            "fr": "Choisissez une espèce, une catégorie, puis une ressource pour voir les"
            " disponibilités.",
            "en": "Choose a species, a category and then a resource to see availability.",
        },
    ),
    (
        a_month_without_times,
        200,
        {
            "fr": "Aucune plage libre en mars 2026."
            " Première plage libre : mercredi 1er avril 2026 à 10 h Voir",
            "en": "No free times in March 2026."
            " First free time: Wednesday, April 1, 2026 at 10:00 a.m. View",
        },
    ),
    (
        nothing_within_two_months,
        200,
        {
            "fr": "Aucune plage libre d'ici 2 mois avec cette ressource. Choisissez une autre"
            f" ressource ou téléphonez à la clinique. {CALL['fr']}",
            "en": "No free times in the next 2 months with this resource. Choose another"
            f" resource or call the clinic. {CALL['en']}",
        },
    ),
    (a_choice_that_is_gone, 200, GONE),
    (a_day_that_is_gone, 200, GONE),
    (no_subscription, 200, {lang: f"{OFF[lang]} {CALL[lang]}" for lang in LANGUAGES}),
    (nothing_configured, 200, {lang: f"{OFF[lang]} {CALL[lang]}" for lang in LANGUAGES}),
    (
        a_site_that_is_not_listed,
        403,
        {
            "fr": "Cet outil de prise de rendez-vous n'est pas autorisé sur ce site.",
            "en": "This booking tool is not authorized on this website.",
        },
    ),
    (an_unknown_widget, 404, UNKNOWN),
    (no_widget_at_all, 404, UNKNOWN),
    (
        a_fault,
        500,
        {
            "fr": f"{ERROR['fr']} Réessayer {CALL['fr']}",
            "en": f"{ERROR['en']} Try again {CALL['en']}",
        },
    ),
    (the_database_away, 503, ERROR),
    (
        the_database_gone_meanwhile,
        503,
        {
            "fr": f"{ERROR['fr']} Réessayer {CALL['fr']}",
            "en": f"{ERROR['en']} Try again {CALL['en']}",
        },
    ),
    (too_many_pages, 429, SLOW),
    (no_time_chosen, 422, NO_TIME),
]


# --- W2 -------------------------------------------------------------------------------------


def fields_missing(world: World) -> Page:
    return world.owner.send(world.owner.details().form())


def fields_wrong(world: World) -> Page:
    wrong = {"email": "marie", "phone": "12", "name": "x" * 121}
    return world.owner.send(world.filled | wrong)


def a_token_that_is_not_ours(world: World) -> Page:
    return world.owner.send(world.filled | {"token": "x"})


def a_time_just_taken(world: World) -> Page:
    sent = world.filled
    world.clinic.book(at("2026-03-18", "10:00"))
    return world.owner.send(sent)


def a_time_taken_before_the_form_was_opened(world: World) -> Page:
    world.clinic.book(at("2026-03-18", "10:00"))
    return world.owner.details()


def a_time_now_too_near(world: World) -> Page:
    sent = world.filled
    world.clock.now = datetime(2026, 3, 18, 2, 0, 1, tzinfo=UTC)
    return world.owner.send(sent)


def a_time_too_far(world: World) -> Page:
    return world.owner.send(world.filled | {"start": "2026-05-20T14:00:00Z"})


def a_resource_switched_off_meanwhile(world: World) -> Page:
    sent = world.filled
    world.do(_switch_off)
    return world.owner.send(sent)


def a_subscription_ended_meanwhile(world: World) -> Page:
    sent = world.filled
    world.do(_unsubscribe)
    return world.owner.send(sent)


def too_many_upcoming(world: World) -> Page:
    world.settings(max_live_per_email=1)
    world.owner.book()
    return world.owner.book(WEDNESDAY_10H30)


def too_many_bookings(world: World) -> Page:
    world.settings(limit_bookings="1/hour")
    world.owner.book()
    return world.owner.book(WEDNESDAY_10H30)


def a_form_that_booked_something_else(world: World) -> Page:
    sent = world.filled
    world.owner.send(sent)
    return world.owner.send(sent | {"pet_name": "Rex", "start": WEDNESDAY_10H30})


def a_fault_while_booking(world: World) -> Page:
    sent = world.filled
    world.fails(views_details, "transact", FAULT)
    return world.owner.send(sent)


def no_database_while_booking(world: World) -> Page:
    sent = world.filled
    world.fails(views_details, "transact", DOWN)
    return world.owner.send(sent)


def no_database_when_the_form_arrives(world: World) -> Page:
    sent = world.filled
    world.fails(entry, "account_of", DOWN)
    return world.owner.send(sent)


def a_form_from_elsewhere(world: World) -> Page:
    return world.owner.send(world.filled, {})


def far_too_much_text(world: World) -> Page:
    return world.owner.send(world.filled | {"reason": "x" * 70_000})


PROBLEM = {"fr": "Il y a un problème", "en": "There is a problem"}
TAKEN = {
    "fr": "Cette plage vient d'être réservée La plage du mercredi 18 mars 2026 à 10 h n'est plus"
    " offerte. Vos renseignements sont conservés : choisissez une autre heure, puis réservez.",
    "en": "This time has just been taken Wednesday, March 18, 2026 at 10:00 a.m. is no longer"
    " available. Your details are kept: choose another time, then book.",
}
KEPT_AFTER_REFUSAL = [
    (a_time_just_taken, 409, TAKEN),
    (
        a_time_now_too_near,
        409,
        {
            "fr": "Cette plage est maintenant à moins de 12 heures. Choisissez une autre heure.",
            "en": "This time is now less than 12 hours away. Choose another time.",
        },
    ),
    (
        a_time_too_far,
        409,
        {
            "fr": "Il n'est pas possible de prendre un rendez-vous plus de 2 mois à l'avance",
            "en": "Appointments cannot be booked more than 2 months in advance",
        },
    ),
    (a_resource_switched_off_meanwhile, 409, GONE),
    (
        a_subscription_ended_meanwhile,
        409,
        {lang: f"{OFF[lang]} {CALL[lang]}" for lang in LANGUAGES},
    ),
    (
        too_many_upcoming,
        429,
        {
            "fr": "Vous avez déjà plusieurs rendez-vous à venir avec cette adresse courriel."
            f" Téléphonez à la clinique pour en prendre un autre. {CALL['fr']}",
            "en": "You already have several upcoming appointments with this email address."
            f" Call the clinic to book another. {CALL['en']}",
        },
    ),
    (
        too_many_bookings,
        429,
        {
            "fr": "Trop de réservations en peu de temps à partir de cette connexion."
            f" Réessayez dans 60 minutes ou téléphonez à la clinique. {CALL['fr']}",
            "en": "Too many bookings in a short time from this connection."
            f" Try again in 60 minutes or call the clinic. {CALL['en']}",
        },
    ),
    (a_fault_while_booking, 500, {lang: f"{ERROR[lang]} {CALL[lang]}" for lang in LANGUAGES}),
    (no_database_while_booking, 503, {lang: f"{ERROR[lang]} {CALL[lang]}" for lang in LANGUAGES}),
    (no_database_when_the_form_arrives, 503, ERROR),
    (
        a_token_that_is_not_ours,
        422,
        {
            "fr": "Ce formulaire n'était plus valide. Vérifiez vos renseignements, puis réservez"
            " de nouveau.",
            "en": "This form was no longer valid. Check your details, then book again.",
        },
    ),
]
W2 = [
    *KEPT_AFTER_REFUSAL,
    (
        fields_missing,
        422,
        {
            "fr": "Nom est obligatoire. Adresse courriel est obligatoire."
            " Nom de l'animal est obligatoire. Numéro de téléphone est obligatoire."
            " Raison du rendez-vous est obligatoire. Je consens à l'utilisation de mes"
            " renseignements personnels pour la prise de rendez-vous. est obligatoire.",
            "en": "Name is required. Email address is required. Pet's name is required."
            " Phone number is required. Reason for the appointment is required. I consent to the"
            " use of my personal information for booking an appointment. is required.",
        },
    ),
    (
        fields_wrong,
        422,
        {
            "fr": "Nom ne peut pas dépasser 120 caractères. Adresse courriel n'est pas valide."
            " Exemple : nom@exemple.ca Numéro de téléphone n'est pas valide."
            " Exemple : 514 555-0134",
            "en": "Name cannot exceed 120 characters. Email address is not valid."
            " Example: name@example.ca Phone number is not valid. Example: 514-555-0134",
        },
    ),
    (a_time_taken_before_the_form_was_opened, 409, TAKEN),
    (
        a_form_that_booked_something_else,
        409,
        {
            "fr": "Ce formulaire a déjà servi à réserver un rendez-vous. Pour en prendre un autre,"
            " vérifiez vos renseignements, puis réservez de nouveau.",
            "en": "This form has already booked an appointment. To book another one, check your"
            " details, then book again.",
        },
    ),
]
REFUSED_WHOLE = [
    (
        a_form_from_elsewhere,
        403,
        {
            "fr": "Cette demande ne vient pas de notre formulaire."
            " Ouvrez de nouveau la page de réservation.",
            "en": "This request does not come from our form. Open the booking page again.",
        },
    ),
    (
        far_too_much_text,
        413,
        {
            "fr": "Cette demande est trop volumineuse. Revenez en arrière et raccourcissez votre"
            " texte.",
            "en": "This request is too large. Go back and shorten your text.",
        },
    ),
]


# --- W3 -------------------------------------------------------------------------------------


def booked(world: World) -> Page:
    return Page(world.owner.client.get(world.confirmation()))


def booked_while_mails_wait(world: World) -> Page:
    address = world.confirmation()
    world.clock.advance(minutes=2)
    return Page(world.owner.client.get(address))


def booked_for_less_than_a_day_ahead(world: World) -> Page:
    world.clock.now = datetime.fromisoformat(WEDNESDAY_10H) - timedelta(hours=23)
    return Page(world.owner.client.get(world.confirmation()))


def cancelled_since(world: World) -> Page:
    address = world.confirmation()

    def cancel(tx: Any) -> None:
        booking = tx.session.query(Booking).filter_by(account_id=tx.account_id).one()
        cancel_by_client(tx, booking.id, "Guéri")

    world.do(cancel)
    return Page(world.owner.client.get(address))


def a_visit_that_has_begun(world: World) -> Page:
    address = world.confirmation()
    world.clock.now = datetime.fromisoformat(WEDNESDAY_10H)
    return Page(world.owner.client.get(f"{address}?lang={world.owner.lang}"))


def an_unknown_confirmation(world: World) -> Page:
    return Page(world.owner.client.get(f"{WIDGET}/confirmation/x?lang={world.owner.lang}"))


NO_CONFIRMATION = {
    "fr": "Cette confirmation n'est plus accessible."
    " Les détails du rendez-vous sont dans votre courriel.",
    "en": "This confirmation is no longer available."
    " The details of the appointment are in your email.",
}
W3 = [
    (
        booked,
        200,
        {
            "fr": "Pour annuler, utilisez le lien dans le courriel, au moins 24 heures à l'avance.",
            "en": "To cancel, use the link in the email, at least 24 hours in advance.",
        },
    ),
    (
        booked_while_mails_wait,
        200,
        {
            "fr": "Votre rendez-vous est réservé! Le courriel de confirmation peut tarder."
            " Notez la date et l'heure ci-dessous. Date mercredi 18 mars 2026, 10 h à 10 h 30"
            " (heure de l'Est)",
            "en": "Your appointment is booked! The confirmation email may be delayed."
            " Note the date and time below. Date Wednesday, March 18, 2026, 10:00 a.m. to"
            " 10:30 a.m. (Eastern Time)",
        },
    ),
    (
        booked_for_less_than_a_day_ahead,
        200,
        {
            "fr": "Votre rendez-vous a lieu dans moins de 24 heures : il ne peut pas être annulé en"
            " ligne. Pour l'annuler, téléphonez à la clinique au 514 555-0134.",
            "en": "Your appointment is less than 24 hours away, so it cannot be cancelled online."
            " To cancel, call the clinic at 514-555-0134.",
        },
    ),
    (
        cancelled_since,
        200,
        {
            "fr": "Ce rendez-vous est déjà annulé.",
            "en": "This appointment is already cancelled.",
        },
    ),
    (a_visit_that_has_begun, 404, NO_CONFIRMATION),
    (an_unknown_confirmation, 404, NO_CONFIRMATION),
]


def read(page: Page) -> str:
    return page.text.replace("\N{NO-BREAK SPACE}", " ")


def names(states: list[tuple[Any, ...]]) -> list[str]:
    return [scene.__name__ for scene, *_ in states]


ALL = [*W1, *W2, *REFUSED_WHOLE, *W3]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("scene", "status", "words"), ALL, ids=names(ALL))
def test_a_state_has_its_status_and_its_words(
    world: World, scene: Callable[[World], Page], status: int, words: dict[str, str], lang: str
):
    world.owner.lang = lang
    page = scene(world)
    assert_in_its_language(page, lang, status)
    assert words[lang] in read(page)


@pytest.mark.parametrize(
    ("scene", "status", "words"), KEPT_AFTER_REFUSAL, ids=names(KEPT_AFTER_REFUSAL)
)
def test_a_refusal_keeps_all_that_was_typed_and_says_that_it_is_one(
    world: World, scene: Callable[[World], Page], status: int, words: dict[str, str]
):
    page = scene(world)
    assert page.form().items() >= world.owner.filled.items()
    alert = page.one("[role=alert]")
    assert alert["tabindex"] == "-1"
    assert words["en"] in " ".join(alert.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())
    assert page.soup.title.get_text(strip=True).startswith("Error: Your details")


@pytest.mark.parametrize(
    "scene",
    [a_time_just_taken, a_time_now_too_near, a_time_taken_before_the_form_was_opened],
)
def test_a_lost_time_has_others_to_choose_from_and_the_whole_calendar(world: World, scene):
    page = scene(world)
    assert page.one("#rdv-times legend").get_text(strip=True) == "Nearest times"
    assert len(page.all("#rdv-times input[name=start]")) == 4
    assert not page.all("#rdv-times [checked], input[type=hidden][name=start]")
    assert page.one("button.rdv-link").get_text(strip=True) == "See the whole calendar"


def test_the_nearest_times_are_two_before_two_after_and_then_the_other_resources(world: World):
    open_like_dolittle(world.clinic, world.clinic.resources["Dr Gregory House"])
    sent = world.owner.details("2026-03-18T15:00:00Z").form() | world.owner.filled
    world.clinic.book(at("2026-03-18", "11:00"))
    page = world.owner.send(sent)
    assert [" ".join(slot.get_text(" ").split()) for slot in page.all("#rdv-times .b")] == [
        "Wednesday, March 18, 10:00",
        "Wednesday, March 18, 10:30",
        "Wednesday, March 18, 11:30",
        "Thursday, March 19, 09:00",
        "Wednesday, March 18, 10:30 With Dr Gregory House",
        "Wednesday, March 18, 11:00 With Dr Gregory House",
    ]


def test_a_page_about_no_clinic_tells_nothing_of_one(world: World):
    for scene in (a_site_that_is_not_listed, an_unknown_widget, a_form_from_elsewhere):
        page = scene(world)
        assert not page.all("form, a[href^='tel:']")
        assert "P&C" not in page.text


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "<p>Choose another resource or call the clinic.</p>"),
        ("fr", "<button aria-label='Previous month'></button>"),
        ("en", "<p>Première plage libre : mercredi</p>"),
        ("en", "<title>Erreur : Vos renseignements</title>"),
    ],
)
def test_a_sentence_of_the_other_language_would_be_seen(lang: str, said: str):
    assert foreign(BeautifulSoup(said, "html.parser"), lang)
