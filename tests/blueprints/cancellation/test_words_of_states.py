"""Every state of C1 and C2: its HTTP status and its words, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.cancellation import views
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION
from tests.blueprints.widget.owner import Page
from tests.support.clinics import DOLITTLE, at
from tests.support.languages import LANGUAGES, assert_in_its_language
from tests.support.links import OURS, START, WIDGET, Link


class Someone(Link):
    """An owner with a mailed link; the browser asks for the language of the booking."""

    def __init__(self, clinic, clock, monkeypatch, lang):
        super().__init__(clinic, language=lang)
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = lang
        self.clock, self.monkeypatch = clock, monkeypatch

    def show(self, **query):
        return Page(self.get(**query))

    def send(self, **given):
        return Page(self.post(**given))

    def goes_to(self, **ahead):
        """Let time pass until the visit is so far ahead."""
        self.clock.now = datetime.fromtimestamp(START, UTC) - timedelta(**ahead)

    def sent(self):
        """The fields of a form that was opened now."""
        return {"reason": "Tom va mieux", "signature": self.signature()}

    def sends(self, form):
        return Page(self.client.post(self.path, data=form, headers=OURS))

    def fails(self, error):
        def fail(*_):
            raise error

        self.monkeypatch.setitem(self.clinic.app.config, "PROPAGATE_EXCEPTIONS", False)
        self.monkeypatch.setattr(views, "booking_for_link", fail)

    def clinic_does(self, work):
        with self.clinic.app.app_context():
            transact(jobs.desk(), self.clinic.account_id, work)


@pytest.fixture
def someone(clinic, clock, monkeypatch):
    return lambda lang: Someone(clinic, clock, monkeypatch, lang)


DOWN = sa.exc.OperationalError("SELECT", {}, OSError("down"))


def the_question(someone):
    return someone.show()


def no_reason(someone):
    return someone.send(reason="")


def too_long_a_reason(someone):
    return someone.send(reason="é" * 501)


def a_form_that_is_not_signed(someone):
    return someone.send(signature="x")


def a_form_from_elsewhere(someone):
    return someone.send(headers={})


def done(someone):
    return Page(someone.client.get(someone.send().answer.location))


def kept(someone):
    return someone.show(keep=1)


def too_late(someone):
    someone.goes_to(hours=23, minutes=59)
    return someone.show()


def too_late_when_sent(someone):
    form = someone.sent()
    someone.goes_to(hours=23, minutes=59)
    return someone.sends(form)


def already_cancelled(someone):
    someone.send()
    return someone.show()


def past(someone):
    someone.goes_to(hours=-1)
    return someone.show()


def past_when_sent(someone):
    form = someone.sent()
    someone.goes_to(hours=-1)
    return someone.sends(form)


def cancelled_by_the_clinic(someone):
    someone.clinic_does(
        lambda tx: cancel_by_clinic(tx, someone.booking_id, "Absence", notify_client=False)
    )
    return someone.show()


def moved_by_the_clinic(someone):
    start = at("2026-03-26", "14:00")
    to = Placement(someone.clinic.logivet[f"resource:{DOLITTLE}"], Range(start, start + 1800))
    someone.clinic_does(lambda tx: move_by_clinic(tx, someone.booking_id, to, notify_client=False))
    return someone.show()


def no_subscription(someone):
    someone.clinic_does(lambda tx: set_subscription(tx, False))
    return someone.show()


def cancelled_without_a_subscription(someone):
    someone.clinic_does(lambda tx: set_subscription(tx, False))
    return done(someone)


def the_second_of_two_tabs(someone):
    form = someone.sent()
    first, second = (someone.sends(form) for _ in range(2))
    assert (first.status, second.status) == (303, 303)
    return Page(someone.client.get(second.answer.location))


def an_unknown_link(someone):
    return Page(someone.client.get(f"{WIDGET}/annuler/{'A' * 43}"))


def too_many_pages(someone):
    extensions = someone.clinic.app.extensions
    here = extensions[EXTENSION]
    settings = replace(here.settings, limit_cancels="1/hour")
    someone.monkeypatch.setitem(extensions, EXTENSION, replace(here, settings=settings))
    someone.client.environ_base["REMOTE_ADDR"] = f"2001:db8:{someone.booking_id.hex[:4]}::1"
    someone.show()
    return someone.show()


def a_fault(someone):
    someone.fails(ZeroDivisionError())
    return someone.show()


def the_database_away(someone):
    someone.fails(DOWN)
    return someone.show()


def the_database_away_when_sent(someone):
    form = someone.sent()
    someone.fails(DOWN)
    return someone.sends(form)


QUESTION = {
    "fr": "Annuler la réservation? Votre créneau horaire actuel sera disponible pour d'autres"
    " clients. Date mercredi 25 mars 2026, 10 h à 10 h 30 Animal Tom Ressource Dr John Dolittle",
    "en": "Cancel the booking? Your current time slot will be available to other clients."
    " Date Wednesday, March 25, 2026, 10:00 a.m. to 10:30 a.m. Pet Tom Resource Dr John Dolittle",
}
DONE = {
    "fr": "Votre réservation a été annulée avec succès! Une communication a été transmise à votre"
    " vétérinaire pour l'annulation de votre rendez-vous.",
    "en": "Your booking has been successfully cancelled! Your veterinarian has been notified of the"
    " cancellation of your appointment.",
}
LATE = {
    "fr": "Ce rendez-vous ne peut plus être annulé en ligne Il n'est pas possible d'annuler un"
    " rendez-vous moins de 24 heures à l'avance. Il a lieu le mercredi 25 mars 2026 à 10 h."
    " Pour l'annuler, téléphonez à la clinique.",
    "en": "This appointment can no longer be cancelled online An appointment cannot be cancelled"
    " less than 24 hours in advance. It is on Wednesday, March 25, 2026 at 10:00 a.m. To cancel"
    " it, call the clinic.",
}
PAST = {"fr": "Ce rendez-vous est passé.", "en": "This appointment is in the past."}
ERROR = {
    "fr": "Une erreur est survenue de notre côté."
    " Réessayez dans un instant ou téléphonez à la clinique.",
    "en": "Something went wrong on our side. Try again in a moment or call the clinic.",
}
UNVERIFIED = {
    "fr": "Ce formulaire n'a pas pu être vérifié. Réessayez.",
    "en": "This form could not be verified. Please try again.",
}
STATES = [
    (the_question, 200, QUESTION),
    (
        no_reason,
        422,
        {
            "fr": "Raison de l'annulation est obligatoire.",
            "en": "Reason for cancellation is required.",
        },
    ),
    (
        too_long_a_reason,
        422,
        {
            "fr": "Raison de l'annulation ne peut pas dépasser 500 caractères.",
            "en": "Reason for cancellation cannot exceed 500 characters.",
        },
    ),
    (a_form_that_is_not_signed, 422, UNVERIFIED),
    (a_form_from_elsewhere, 403, UNVERIFIED),
    (
        done,
        200,
        {
            "fr": f"{DONE['fr']} Date mercredi 25 mars 2026, 10 h à 10 h 30",
            "en": f"{DONE['en']} Date Wednesday, March 25, 2026, 10:00 a.m. to 10:30 a.m.",
        },
    ),
    (
        kept,
        200,
        {"fr": "Votre rendez-vous est conservé.", "en": "Your appointment is kept."},
    ),
    (too_late, 200, LATE),
    (too_late_when_sent, 409, LATE),
    (
        already_cancelled,
        200,
        {
            "fr": "Ce rendez-vous est déjà annulé. Date mercredi 25 mars 2026",
            "en": "This appointment is already cancelled. Date Wednesday, March 25, 2026",
        },
    ),
    (past, 200, PAST),
    (past_when_sent, 409, PAST),
    (
        cancelled_by_the_clinic,
        200,
        {
            "fr": "Ce rendez-vous a été annulé par la clinique."
            " Téléphonez-lui pour en savoir plus.",
            "en": "This appointment was cancelled by the clinic. Call for details.",
        },
    ),
    (
        moved_by_the_clinic,
        200,
        {
            "fr": "Annuler la réservation? Votre créneau horaire actuel sera disponible pour"
            " d'autres clients. Date jeudi 26 mars 2026, 14 h à 14 h 30",
            "en": "Cancel the booking? Your current time slot will be available to other clients."
            " Date Thursday, March 26, 2026, 2:00 p.m. to 2:30 p.m.",
        },
    ),
    (no_subscription, 200, QUESTION),
    (cancelled_without_a_subscription, 200, DONE),
    (the_second_of_two_tabs, 200, DONE),
    (
        an_unknown_link,
        404,
        {
            "fr": "Ce lien n'est pas valide. Vérifiez qu'il est complet ou utilisez le lien de"
            " votre plus récent courriel.",
            "en": "This link is not valid. Check that it is complete or use the link in your"
            " latest email.",
        },
    ),
    (
        too_many_pages,
        429,
        {
            "fr": "Trop de demandes d'annulation en peu de temps."
            " Attendez 60 minutes, puis réessayez.",
            "en": "Too many cancellation requests in a short time. Wait 60 minutes and try again.",
        },
    ),
    (a_fault, 500, {"fr": f"{ERROR['fr']} Réessayer", "en": f"{ERROR['en']} Try again"}),
    (the_database_away, 503, {"fr": f"{ERROR['fr']} Réessayer", "en": f"{ERROR['en']} Try again"}),
    (the_database_away_when_sent, 503, ERROR),
]
WITH_PHONE = {too_late, too_late_when_sent, cancelled_by_the_clinic}
WITH_FORM = {
    the_question,
    no_reason,
    too_long_a_reason,
    a_form_that_is_not_signed,
    a_form_from_elsewhere,
    moved_by_the_clinic,
    no_subscription,
    the_database_away_when_sent,
}
CALL = {"fr": "Téléphoner au 514 555-0134", "en": "Call 514-555-0134"}
AGAIN = {"fr": "Prendre un autre rendez-vous", "en": "Book another appointment"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("scene", "status", "words"), STATES, ids=[scene.__name__ for scene, *_ in STATES]
)
def test_a_state_has_its_status_and_its_words(someone, scene, status, words, lang):
    page = scene(someone(lang))
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert_in_its_language(page, lang, status)
    assert words[lang] in text
    assert bool(page.all("form")) == (scene in WITH_FORM)
    assert (CALL[lang] in text) == (scene in WITH_PHONE)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scene", [done, already_cancelled, past, cancelled_by_the_clinic])
def test_who_has_no_appointment_any_more_is_offered_another(someone, clinic, scene, lang):
    link = scene(someone(lang)).one("a.rdv-btn--ghost")
    assert link.get_text(strip=True) == AGAIN[lang]
    assert str(link["href"]).endswith(f"?widgetId={clinic.account_id}&lang={lang}")
