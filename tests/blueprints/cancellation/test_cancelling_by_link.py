"""A mailed cancellation link, from the question to « annulée avec succès » (S91–S96)."""

from datetime import UTC, datetime

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, ClinicAccount
from flask_logivet_rdv.services import transaction
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from tests.support.clinics import at
from tests.support.links import OURS, START, WIDGET, Link, counts, page, said


@pytest.fixture
def link(clinic):
    return Link(clinic)


def test_the_question_is_asked_in_the_manuals_words(link):
    response = link.get()
    assert response.status_code == 200
    words = said(response)
    for text in (
        "Annuler la réservation?",
        "Votre créneau horaire actuel sera disponible pour d'autres clients.",
        "Raison de l'annulation *",
        "Annuler la réservation",
        "Conserver mon rendez-vous",
    ):
        assert text in words


def test_the_question_is_asked_in_english_to_who_booked_in_english(clinic):
    words = said(Link(clinic, language="en").get())
    assert "Cancel the booking?" in words
    assert "Wednesday, March 25, 2026, 10:00 a.m. to 10:30 a.m." in words
    assert "P&C Clinic" in words


def test_the_browsers_language_does_not_change_that_of_the_booking(link):
    response = link.client.get(link.path, headers={"Accept-Language": "en"})
    assert page(response).html["lang"] == "fr-CA"


def test_the_appointment_is_named_and_its_owner_is_not(link):
    response = link.get()
    words = said(response)
    for text in (
        "mercredi 25 mars 2026, 10 h à 10 h 30",
        "Tom",
        "Dr John Dolittle",
        "Clinique P&C",
    ):
        assert text in words
    for personal in ("solutions@exemple.ca", "Solutions Vet", "555-0134", "+1514"):
        assert personal not in response.text


def test_the_date_is_in_the_zone_of_the_booking(clinic, session):
    link = Link(clinic)
    booking = session.get(Booking, (clinic.account_id, link.booking_id))
    booking.time_zone = "America/Vancouver"
    session.commit()
    assert "mercredi 25 mars 2026, 7 h à 7 h 30" in said(link.get())


def test_a_booking_that_the_clinic_moved_is_shown_at_its_new_time(link, session):
    booking = session.get(Booking, (link.clinic.account_id, link.booking_id))
    booking.starts_at, booking.ends_at = at("2026-03-26", "14:00"), at("2026-03-26", "14:30")
    session.commit()
    assert "jeudi 26 mars 2026, 14 h à 14 h 30" in said(link.get())


def test_a_cancellation_leads_to_the_manuals_success(link):
    response = link.post()
    assert response.status_code == 303
    done = link.client.get(response.location)
    assert done.status_code == 200
    assert "Votre réservation a été annulée avec succès!" in said(done)
    told = "Une communication a été transmise à votre vétérinaire pour l'annulation"
    assert f"{told} de votre rendez-vous." in said(done)
    assert page(done).form is None


def test_success_offers_another_appointment_in_the_language_of_the_booking(clinic):
    link = Link(clinic, language="en")
    done = link.client.get(link.post().location)
    again = page(done).find("a", string="Book another appointment")
    assert again["href"] == (
        f"https://widget.exemple.ca{WIDGET}?widgetId={clinic.account_id}&lang=en"
    )


def test_a_cancellation_frees_the_slot_keeps_the_reason_and_tells_both_sides(link, session):
    link.post("Tom va mieux\r\nmerci")
    booking = session.get(Booking, (link.clinic.account_id, link.booking_id))
    assert booking.status == "cancelled"
    assert (booking.cancelled_by, booking.cancel_reason) == ("client", "Tom va mieux\nmerci")
    (events, mails, cells, _), _, _ = counts(session, link.clinic)
    assert (events, mails, cells) == (2, 2, 0)


def test_a_second_post_is_calm_and_sends_nothing_again(link, session):
    data = {"reason": "Tom va mieux", "signature": link.signature()}
    first = link.client.post(link.path, data=data, headers=OURS)
    before = counts(session, link.clinic)
    second = link.client.post(link.path, data=data, headers=OURS)
    assert (second.status_code, second.location) == (303, first.location)
    assert "annulée avec succès" in said(link.client.get(second.location))
    assert counts(session, link.clinic) == before


def test_the_link_of_a_cancelled_booking_says_so_with_its_date(link):
    link.post()
    response = link.get()
    assert response.status_code == 200
    assert "Ce rendez-vous est déjà annulé." in said(response)
    assert "mercredi 25 mars 2026" in said(response)
    assert page(response).form is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_a_thousand_times_changes_nothing(link, session, method):
    before = counts(session, link.clinic)
    for query in ({}, {"done": 1}, {"keep": 1}, {"reason": "scanned"}) * 250:
        response = link.client.open(link.path, method=method, query_string=query)
        assert response.status_code == 200
    assert counts(session, link.clinic) == before


def test_keeping_the_appointment_is_a_calm_page(link, session):
    before = counts(session, link.clinic)
    keep = page(link.get()).find("a", string="Conserver mon rendez-vous")["href"]
    response = link.client.get(keep)
    assert response.status_code == 200
    assert "Votre rendez-vous est conservé." in said(response)
    assert counts(session, link.clinic) == before


@pytest.mark.parametrize("reason", ["", " ", "\r\n\t", "\u00a0\u2003", "\x00\x07", "\u200b\ufeff"])
def test_a_reason_nobody_can_see_is_no_reason(link, session, reason):
    before = counts(session, link.clinic)
    response = link.post(reason)
    assert response.status_code == 422
    assert "Raison de l'annulation est obligatoire." in page(response).find(role="alert").get_text()
    assert counts(session, link.clinic) == before


def test_a_robot_that_posts_nothing_at_all_cancels_nothing(link, session):
    before = counts(session, link.clinic)
    assert link.client.post(link.path).status_code == 403
    assert link.client.post(link.path, headers=OURS).status_code == 422
    assert counts(session, link.clinic) == before


def test_an_error_takes_the_focus(link):
    alert = page(link.post("")).find(role="alert")
    assert alert.has_attr("autofocus")
    assert alert["tabindex"] == "-1"
    assert not page(link.get()).select("[autofocus]")


def test_an_error_leads_to_its_field(link):
    shown = page(link.post(""))
    field = shown.find("textarea", {"name": "reason"})
    assert shown.find(role="alert").a["href"] == f"#{field['id']}"
    assert field["aria-invalid"] == "true"
    message = shown.find(id=field["aria-describedby"]).get_text()
    assert "Raison de l'annulation est obligatoire." in message
    assert shown.title.get_text().strip().startswith("Erreur")


@pytest.mark.parametrize(("length", "status"), [(500, 303), (501, 422)])
def test_a_reason_has_at_most_500_characters(link, length, status):
    assert link.post("é" * length).status_code == status


def test_line_ends_count_once_as_in_the_browser(link):
    assert link.post("a\r\n" * 249 + "bc").status_code == 303


def test_a_reason_that_is_too_long_is_kept_for_its_author(link):
    response = link.post("é" * 501)
    assert "Raison de l'annulation ne peut pas dépasser 500 caractères." in said(response)
    assert page(response).textarea.get_text().strip() == "é" * 501


def test_a_reason_with_control_characters_is_shown_again_without_them(link, session):
    before = counts(session, link.clinic)
    response = link.post("Tom\x00 va\x1b mieux")
    assert response.status_code == 422
    assert "Raison de l'annulation contenait des caractères invisibles" in said(response)
    assert page(response).textarea.get_text().strip() == "Tom va mieux"
    assert counts(session, link.clinic) == before


@pytest.mark.parametrize("field", ["reason", "signature"])
def test_a_field_sent_twice_cancels_nothing(link, session, field):
    before = counts(session, link.clinic)
    sent = {"reason": ["Tom va mieux"], "signature": [link.signature()]}
    response = link.client.post(link.path, data=sent | {field: sent[field] * 2}, headers=OURS)
    assert response.status_code == 422
    assert "Ce formulaire n'a pas pu être vérifié." in said(response)
    assert counts(session, link.clinic) == before


def test_what_is_typed_is_shown_as_text(link):
    response = link.post("<script>alert(1)</script></textarea>" + "é" * 500)
    assert page(response).script is None


@pytest.mark.parametrize("fields", [{"signature": ""}, {"signature": "forged"}])
def test_a_form_that_is_not_signed_is_shown_again_with_what_was_typed(link, session, fields):
    before = counts(session, link.clinic)
    response = link.post(**fields)
    assert response.status_code == 422
    assert page(response).textarea.get_text().strip() == "Tom va mieux"
    assert counts(session, link.clinic) == before


def test_the_form_of_another_link_does_not_serve(link, clinic):
    other = Link(clinic, at("2026-03-25", "10:30"))
    assert link.post(signature=other.signature()).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://widget.exemple.ca"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://pirate.example"},
        {"Origin": "null"},
    ],
)
def test_a_post_from_elsewhere_is_forbidden(link, session, headers):
    before = counts(session, link.clinic)
    response = link.post("Pirate", headers=headers)
    assert response.status_code == 403
    assert "Pirate" not in response.text
    assert counts(session, link.clinic) == before


def test_an_older_browser_is_known_by_its_origin(link):
    assert link.post(headers={"Origin": "https://widget.exemple.ca"}).status_code == 303


def test_a_body_over_16_kilobytes_is_refused(link, session):
    before = counts(session, link.clinic)
    response = link.post("x" * 16 * 1024)
    assert response.status_code == 413
    assert "ne peut pas dépasser 500 caractères" in said(response)
    assert counts(session, link.clinic) == before


def test_a_body_of_untold_length_is_read_to_16_kilobytes_at_most(link, session):
    before = counts(session, link.clinic)
    body = f"signature={link.signature()}&reason={'x' * 1_000_000}".encode()
    untold = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    response = link.client.post(
        link.path,
        data=body,
        headers=OURS,
        content_type="application/x-www-form-urlencoded",
        environ_overrides=untold,
    )
    assert response.status_code == 422
    assert len(response.data) < 20 * 1024
    assert counts(session, link.clinic) == before


def test_a_clinic_without_its_subscription_still_lets_owners_cancel(link, session):
    account = session.get(ClinicAccount, link.clinic.account_id)
    account.active = False
    session.commit()
    assert link.get().status_code == 200
    assert link.post().status_code == 303


def test_two_links_of_one_booking_are_both_valid(link):
    with link.clinic.app.app_context():
        second = mint_cancel_link(jobs.desk(), link.clinic.account_id, link.booking_id)
    assert link.client.get(f"{WIDGET}/annuler/{second}").status_code == 200
    assert link.get().status_code == 200


def test_the_clock_is_read_again_under_the_lock(link, session, clock, monkeypatch):
    late = datetime.fromtimestamp(START - 3600, UTC)
    locked = transaction._locked

    def lock_slowly(*args):
        clock.now = late
        return locked(*args)

    signature = link.signature()
    monkeypatch.setattr(transaction, "_locked", lock_slowly)
    data = {"reason": "Tom va mieux", "signature": signature}
    assert link.client.post(link.path, data=data, headers=OURS).status_code == 409
    assert session.get(Booking, (link.clinic.account_id, link.booking_id)).status == "confirmed"
