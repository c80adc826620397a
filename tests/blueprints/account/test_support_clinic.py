"""LogiVet's support: one clinic's subscription and keys, and opening a clinic (S5)."""

import dataclasses
import logging
import secrets
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Audit, ClinicAccount, SyncKey
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.state import EXTENSION
from host_example.models import Clinic
from tests.blueprints.account.conftest import Page, words
from tests.blueprints.account.support import (
    Support,
    add_portal_clinic,
    changeable,
    rename,
    support_person,
)
from tests.support.clinics import TestClinic, at
from tests.support.portal import MONDAY_MORNING, Clock


@pytest.fixture
def support(portal: Flask) -> Support:
    return support_person(portal)


def address(clinic: TestClinic) -> str:
    return f"/soutien/{clinic.account_id}"


def facts(page: Page) -> dict[str, str]:
    return dict(zip(page.names("dt"), page.names("dd"), strict=True))


def audited(session: Session, account_id: Any, person: Support) -> list[tuple[str, Any, Any]]:
    """Return what the audit says a person changed, the oldest first."""
    session.rollback()
    rows = session.scalars(
        sa.select(Audit)
        .where(Audit.account_id == account_id, Audit.user_id == person.user_id)
        .order_by(Audit.revision, Audit.n)
    )
    found = [(row.actor_name, row.subject, row.after) for row in rows]
    assert all(name == "Maude Soutien" for name, _, _ in found)
    return [(subject, after) for _, subject, after in found]


def made_key(page: Page) -> str:
    [shown] = page.body.select("textarea[readonly]")
    return shown.text


def test_the_figures_of_a_clinic(
    clinic: TestClinic, support: Support, session: Session, clock: Clock
) -> None:
    clinic.book(at("2026-03-18", "10:00"))
    key_id = clinic.key.split("_")[1]
    keys.note_use(session, key_id, MONDAY_MORNING, "203.0.113.7", "LogiVet/5.2")
    clock.advance(minutes=20)
    page = support.get(address(clinic))
    assert page.names("h1") == ["Soutien – Clinique P&C"]
    assert facts(page) == {
        "Numéro de la clinique": str(clinic.clinic_id),
        "widgetId": str(clinic.account_id),
        "Dernier contact": "16 mars 2026 à 10 h, LogiVet/5.2, 203.0.113.7",
        "Dernière synchronisation": "16 mars 2026 à 10 h",
        "Événements non reçus": "1, depuis le 16 mars 2026 à 10 h",
        "Conflits avec le carnet": "Aucun",
        "Courriels en attente": "1",
        "Courriels non livrés": "Aucun",
    }
    assert "Les heures sont celles de la clinique (heure de l'Est)." in page.text
    assert page.column(1) == [f"Valide Révoquer rdv_{key_id} {REVOKING} rdv_{key_id}"]
    assert page.column(2) == ["16 mars 2026 à 10 h, LogiVet/5.2, 203.0.113.7"]


REVOKING = "Dès maintenant, LogiVet ne pourra plus se connecter avec cette clé. Révoquer cette clé"


def test_nothing_personal_of_a_booking_is_shown(clinic: TestClinic, support: Support) -> None:
    clinic.book(at("2026-03-18", "10:00"))
    shown = support.get(address(clinic)).answer.text + support.get("/soutien").answer.text
    for word in ("Solutions Vet", "solutions@exemple.ca", "Tom", "Vaccin", "5550134"):
        assert word not in shown


def test_the_subscription_is_switched_off_and_on(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    for wanted, state in (("0", "Inactif"), ("1", "Actif")):
        sent = support.send(f"{address(clinic)}/abonnement", {"active": wanted})
        assert sent.status == 303
        page = Page(support.client.get(sent.answer.location))
        assert page.notes == ["Modifications enregistrées."]
        assert page.names("section .rdv-state") == [state]
    assert audited(session, clinic.account_id, support) == [
        ("subscription", False),
        ("subscription", True),
    ]


def test_switching_off_asks_first_and_needs_no_script(clinic: TestClinic, support: Support) -> None:
    form = support.get(address(clinic)).body.select_one("form[action$=abonnement]")
    assert words(form.find_parent("details").summary) == "Désactiver"
    assert form.select_one("button[name=active]")["value"] == "0"


@pytest.mark.parametrize("active", ["", "2", "true", None])
def test_a_subscription_that_is_neither_is_refused(
    clinic: TestClinic, support: Support, session: Session, active: str | None
) -> None:
    before = changeable(session, clinic)
    fields = {} if active is None else {"active": active}
    assert support.send(f"{address(clinic)}/abonnement", fields).status == 400
    assert changeable(session, clinic) == before


@pytest.mark.parametrize(
    ("from_", "until", "said", "offered"),
    [
        (None, "2026-06-01", "Actif jusqu'au 1er juin 2026 à 0 h", "0"),
        ("2026-04-01", None, "Débute le 1er avril 2026 à 0 h", "0"),
        ("2026-01-01", "2026-03-01", "Terminé le 1er mars 2026 à 0 h", "1"),
    ],
)
def test_the_dates_of_a_subscription_are_said(
    clinic: TestClinic,
    support: Support,
    session: Session,
    from_: str | None,
    until: str | None,
    said: str,
    offered: str,
) -> None:
    account = session.get(ClinicAccount, clinic.account_id)
    account.active_from = from_ and at(from_, "00:00")
    account.active_until = until and at(until, "00:00")
    session.commit()
    page = support.get(address(clinic))
    assert page.names("section .rdv-state") == [said]
    assert page.value("active") == offered


def test_a_new_key_works_and_is_shown_this_once(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    page = support.send(f"{address(clinic)}/cles")
    key = made_key(page)
    assert page.status == 200
    assert page.answer.headers["Cache-Control"] == "no-store"
    session.rollback()
    assert keys.authenticate(session, key, MONDAY_MORNING).account.id == clinic.account_id
    assert key.split("_", 2)[2] not in support.get(address(clinic)).answer.text
    created = {"created": key.split("_")[1]}
    assert audited(session, clinic.account_id, support) == [("keys", created)]


def test_a_new_key_is_in_no_address_cookie_or_log(
    clinic: TestClinic, support: Support, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = support.send(f"{address(clinic)}/cles")
    secret = made_key(page).split("_", 2)[2]
    assert secret not in str(page.answer.headers)
    assert not [link for link in page.soup.select("[href], [action]") if secret in str(link.attrs)]
    with support.client.session_transaction() as kept:
        assert secret not in str(dict(kept))
    assert secret not in caplog.text


def test_a_key_is_revoked_for_good(clinic: TestClinic, support: Support, session: Session) -> None:
    key_id = clinic.key.split("_")[1]
    for _ in range(2):
        sent = support.send(f"{address(clinic)}/cles/{key_id}/revocation")
        assert sent.status == 303
    page = Page(support.client.get(sent.answer.location))
    assert f"La clé rdv_{key_id} est révoquée." in page.text
    assert "LogiVet n'a aucune clé valide : il ne peut pas se connecter." in page.text
    assert page.names("details > summary")[-1] == "Clés terminées (1)"
    assert page.column(1) == ["Révoquée le 16 mars 2026 à 10 h"]
    session.rollback()
    assert keys.authenticate(session, clinic.key, MONDAY_MORNING) is None
    assert audited(session, clinic.account_id, support) == [("keys", {"revoked": key_id})]


def test_a_key_is_revoked_under_its_own_clinic_only(
    clinic: TestClinic, bare_clinic: TestClinic, support: Support, session: Session
) -> None:
    before = changeable(session, bare_clinic)
    for key_id in (bare_clinic.key.split("_")[1], "unknown", "%00"):
        assert support.send(f"{address(clinic)}/cles/{key_id}/revocation").status == 404
    assert changeable(session, bare_clinic) == before


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(5, "Valide jusqu'au 16 mars 2026 à 10 h 05"), (0, "Terminée le 16 mars 2026 à 10 h")],
)
def test_the_end_of_a_key_is_said(
    clinic: TestClinic, support: Support, session: Session, clock: Clock, minutes: int, said: str
) -> None:
    key = session.get(SyncKey, clinic.key.split("_")[1])
    clock.advance(minutes=minutes)
    key.expires_at = clock.now
    clock.now = MONDAY_MORNING
    session.commit()
    assert support.get(address(clinic)).column(1)[0].startswith(said)


def test_the_page_of_a_clinic_costs_the_same_for_many_keys(
    clinic: TestClinic, support: Support, ran: list[str]
) -> None:
    support.get(address(clinic))
    few = len(ran)
    for _ in range(5):
        support.send(f"{address(clinic)}/cles")
    ran.clear()
    assert len(support.get(address(clinic)).column()) == 6
    assert len(ran) == few <= 12


def test_english_has_no_french(portal: Flask, clinic: TestClinic) -> None:
    person = support_person(portal, locale="en")
    page = person.send(f"{address(clinic)}/cles")
    assert page.names("h1") == ["Support – P&C Clinic"]
    assert page.names("h2") == ["New key", "Subscription", "LogiVet", "Keys"]
    assert facts(page)["Last sync"] == "March 16, 2026 at 10:00 a.m."


def test_a_clinic_is_found_by_its_name_opened_and_activated(
    support: Support, session: Session
) -> None:
    name = f"Clinique neuve {secrets.token_hex(4)}"
    clinic_id = add_portal_clinic(name)
    page = support.get("/soutien/ouvrir", q=name.upper())
    assert page.column() == [f"{name} 1, rue Neuve"]
    sent = support.send("/soutien/ouvrir", {"clinic": page.value("clinic")})
    assert sent.status == 303
    opened = Page(support.client.get(sent.answer.location))
    assert opened.notes == ["La clinique est ouverte. Créez maintenant une clé pour son LogiVet."]
    assert opened.names("section .rdv-state") == ["Actif"]
    session.rollback()
    account = session.scalar(sa.select(ClinicAccount).where(ClinicAccount.clinic_id == clinic_id))
    assert account.active
    assert audited(session, account.id, support) == [("subscription", True)]


def test_a_clinic_is_found_by_its_number(support: Support) -> None:
    clinic_id = add_portal_clinic_of(support, "Par numéro")
    assert "Par numéro 1, rue Neuve" in support.get("/soutien/ouvrir", q=str(clinic_id)).column()


def add_portal_clinic_of(support: Support, name: str) -> Any:
    with support.client.application.app_context():
        return add_portal_clinic(name)


def test_a_host_that_finds_no_names_is_asked_for_the_number(
    support: Support, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = support.client.application
    mounted = app.extensions[EXTENSION]
    four = {
        name: getattr(mounted.host, name) for name in ("actor", "clinics", "layout", "mail_text")
    }
    plain = dataclasses.replace(mounted, host=SimpleNamespace(**four))
    monkeypatch.setitem(app.extensions, EXTENSION, plain)
    clinic_id = add_portal_clinic_of(support, "Sans recherche")
    assert support.get("/soutien/ouvrir").names("#q-hint") == ["Numéro dans le portail"]
    assert support.get("/soutien/ouvrir", q="Sans recherche").column() == []
    page = support.get("/soutien/ouvrir", q=str(clinic_id))
    assert page.column() == ["Sans recherche 1, rue Neuve"]


@pytest.mark.parametrize("wanted", ["%", "_", "9" * 40, "';--", "zzz introuvable"])
def test_what_the_portal_does_not_know_is_said(support: Support, wanted: str) -> None:
    page = support.get("/soutien/ouvrir", q=wanted)
    assert "Le portail ne connaît aucune clinique de ce nom ou de ce numéro." in page.text


def test_an_open_clinic_leads_to_its_page(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    page = support.get("/soutien/ouvrir", q=rename(session, clinic, "Ouverte"))
    [link] = page.body.select("tbody a")
    assert link["href"].endswith(address(clinic))
    assert not page.body.select("tbody form")


def test_opening_an_open_clinic_changes_nothing(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    support.send(f"{address(clinic)}/abonnement", {"active": "0"})
    before = changeable(session, clinic)
    sent = support.send("/soutien/ouvrir", {"clinic": str(clinic.clinic_id)})
    assert sent.answer.location.endswith(address(clinic))
    assert Page(support.client.get(sent.answer.location)).notes[-1] == (
        "Cette clinique est déjà ouverte."
    )
    assert changeable(session, clinic) == before


@pytest.mark.parametrize("clinic_id", ["", "0", "abc", "9" * 40])
def test_a_clinic_that_the_portal_does_not_know_is_not_opened(
    support: Support, clinic_id: str
) -> None:
    assert support.send("/soutien/ouvrir", {"clinic": clinic_id}).status == 404


def test_a_clinic_in_a_zone_that_is_none_is_not_opened(support: Support, session: Session) -> None:
    clinic_id = add_portal_clinic("Nulle part", time_zone="America/Atlantis")
    page = support.send("/soutien/ouvrir", {"clinic": str(clinic_id)})
    assert page.status == 422
    assert page.problems == [
        "Le fuseau horaire de cette clinique, America/Atlantis, n'existe pas : corrigez-le d'abord."
    ]
    session.rollback()
    held = sa.select(ClinicAccount).where(ClinicAccount.clinic_id == clinic_id)
    assert session.scalar(held) is None


def test_names_of_the_portal_are_text_not_markup(
    clinic: TestClinic, support: Support, session: Session
) -> None:
    session.get(Clinic, clinic.clinic_id).name_fr = "<script>alert(1)</script>"
    session.commit()
    key_id = clinic.key.split("_")[1]
    keys.note_use(session, key_id, MONDAY_MORNING, "1", "<script>alert(2)</script>")
    for path in (address(clinic), "/soutien", "/soutien/ouvrir"):
        page = support.get(path, q=str(clinic.clinic_id))
        assert "&lt;script&gt;alert" in page.answer.text
        assert "<script>alert" not in page.answer.text
