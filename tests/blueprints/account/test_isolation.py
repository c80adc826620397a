"""Whoever is of one clinic reaches nothing of another by its ids, at any address of the account.

The addresses are those of the portal's own URL map: a new one is tried from its first day.
"""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Outbox
from host_example.models import db
from tests.acceptance.tenants import rows
from tests.blueprints.account.conftest import Page, Staff
from tests.blueprints.account.logivet import LogiVet
from tests.blueprints.account.support import support_person
from tests.support.clinics import DOLITTLE, at, make_clinic

THEIRS = "Secrète"
"""The name of all that the other clinic has from LogiVet."""


@pytest.fixture
def victim(portal):
    """Another clinic, with settings, a booking, its event and undelivered mail, and a history."""
    other = make_clinic(portal, configured=True)
    for key in ("category:Examen", "species:Canin", f"resource:{DOLITTLE}"):
        LogiVet(other).has(key.partition(":")[0], other.logivet[key], THEIRS, THEIRS)
    other.book(at("2026-03-18", "10:00"))
    with portal.app_context():
        of_other = Outbox.account_id == other.account_id
        db.session.execute(sa.update(Outbox).where(of_other).values(state="dead"))
        db.session.commit()
    return other


def ids(clinic):
    """Return everything in addresses that is a clinic's."""
    with clinic.app.app_context():
        mail = sa.select(Outbox.id).where(Outbox.account_id == clinic.account_id)
        return {
            "account_id": clinic.account_id,
            "resource_id": clinic.resources[DOLITTLE],
            "key_id": clinic.key.split("_")[1],
            "mail_id": db.session.scalar(mail),
        }


def addresses(clinic):
    """Return every address of the account pages as a clinic's own: name, method, path."""
    own = ids(clinic)
    urls = clinic.app.url_map.bind("portail.exemple.ca")
    return [
        (name, method, urls.build(rule.endpoint, {part: own[part] for part in rule.arguments}))
        for rule in clinic.app.url_map.iter_rules()
        for face, _, name in [rule.endpoint.partition(".")]
        if face == "rdv_account" and name != "static"
        # OPTIONS is answered by the framework, which asks no page of ours
        for method in sorted(rule.methods - {"OPTIONS"})
    ]


def forms(clinic):
    """Return what would change something of a clinic, as our own pages send it."""
    dog, exam = clinic.species["Canin"], clinic.categories["Examen"]
    species = {f"online-{dog}": "1", f"categories-{dog}": str(exam)}
    return {
        "home": {"domain": "mal.ca", "op": "save"},
        "categories": {f"online-{exam}": "1", f"duration-{exam}": "5"},
        "species": species,
        # off, or it would change nothing once the species have been saved
        "offers": {f"categories-{dog}": str(exam)},
        "openings": {"start-0-0": "1h", "end-0-0": "2h"},
        "activation": {"active": "0"},
        "mail_again": {},
        "personal": {"op": "show", "email": "solutions@exemple.ca"},
        "support_open": {"clinic": str(clinic.clinic_id)},
        "support_subscription": {"active": "0"},
        "support_keys": {},
        "support_key": {},
    }


def query(clinic):
    """Return a clinic's ids in every parameter that an account page reads."""
    dolittle = str(clinic.resources[DOLITTLE])
    return {
        "subject": dolittle,
        "resource": dolittle,
        "species": str(clinic.species["Canin"]),
        "category": str(clinic.categories["Examen"]),
        "day": "2026-03-18",
        "time": "10h00",
        "q": str(clinic.account_id),
    }


def nobodys(asked):
    """Return the same parameters with ids that nobody has."""
    return {
        name: value if name in ("day", "time") else str(uuid.uuid4())
        for name, value in asked.items()
    }


def expected(name, method, path, theirs):
    """Return the only status that is right for staff who come with another clinic's ids."""
    if name.startswith("support"):
        return 403
    if any(str(one) in path for one in ids(theirs).values()):
        return 404
    if method == "POST" and name != "personal":
        return 303 if name == "home" else 404
    return 422 if name == "why" else 200


def ask(person, clinic, name, method, path):
    """Send a request with all that is a clinic's; `person` is who sends it."""
    if method != "POST":
        return person.client.open(path, method=method, query_string=query(clinic))
    data = forms(clinic)[name] | {"csrf_token": person.token()}
    return person.client.post(path, data=data)


def test_another_clinics_ids_lead_nowhere_at_any_address(staff, victim):
    before, tried = rows(victim), addresses(victim)
    assert len(before) > 15
    assert {name for name, method, _ in tried if method == "POST"} <= set(forms(victim))
    for name, method, path in tried:
        answer = ask(staff, victim, name, method, path)
        wanted = expected(name, method, path, victim)
        assert (name, method, answer.status_code) == (name, method, wanted)
        assert THEIRS not in answer.text, (name, method)
        assert rows(victim) == before, (name, method)


def test_another_clinics_ids_say_no_more_than_ids_that_nobody_has(staff, victim):
    asked = query(victim)
    for name, method, path in addresses(victim):
        if method == "GET" and expected(name, method, path, victim) in (200, 422):
            theirs, unknown = (
                Page(staff.client.get(path, query_string=given)).text
                for given in (asked, nobodys(asked))
            )
            assert (name, theirs) == (name, unknown)


def test_the_clinics_own_staff_do_get_there(victim):
    """Else the test above would tell nothing."""
    own = Staff(victim.login())
    shown = set()
    for name, method, path in addresses(victim):
        if not name.startswith("support"):
            before = rows(victim)
            answer = ask(own, victim, name, method, path)
            moves_on = method == "POST" and name != "personal"
            assert (name, answer.status_code) == (name, 303 if moves_on else 200)
            assert (rows(victim) != before) is (method == "POST"), name
            shown |= {name} if THEIRS in answer.text else set()
    lists = {"categories", "species", "resources", "offers", "openings"}
    assert shown >= lists | {"history", "why", "personal"}


def test_logivets_support_does_get_there(victim):
    person = support_person(victim.app)
    for name, method, path in addresses(victim):
        if name.startswith("support"):
            before = rows(victim)
            answer = ask(person, victim, name, method, path)
            shows = method != "POST" or name == "support_keys"
            assert (name, answer.status_code) == (name, 200 if shows else 303)
            changes = method == "POST" and name != "support_open"
            assert (rows(victim) != before) is changes, name


def test_support_reaches_no_clinics_own_pages(victim):
    person, before = support_person(victim.app), rows(victim)
    for name, method, path in addresses(victim):
        if not name.startswith("support"):
            assert (name, ask(person, victim, name, method, path).status_code) == (name, 403)
    assert rows(victim) == before
