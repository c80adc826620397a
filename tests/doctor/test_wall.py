"""The login wall: what is public passes every hook of the host, the account none."""

import dataclasses

import pytest
from flask import abort, g, redirect, request

from flask_logivet_rdv.doctor import wall
from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.state import EXTENSION
from host_example import views
from host_example.models import User, db
from host_example.portal_host import PortalHost

FACES = ("account", "widget", "cancellation", "sync")
PUBLIC = FACES[1:]


def before(app, hook):
    """Run a hook of the host before those that are there."""
    app.before_request_funcs[None].insert(0, hook)


def levels(found):
    return {name.removeprefix("login wall: "): level for name, (level, _) in found.items()}


def test_a_portal_whose_wall_asks_what_is_public_is_sound(portal, look):
    found = look(wall.look, portal)
    assert levels(found) == dict.fromkeys(FACES, "ok")
    assert found["login wall: account"][1] == "Behind the login."
    assert found["login wall: sync"][1] == "Reached without a login."


@pytest.mark.parametrize(
    ("name", "hook", "words"),
    [
        ("redirect", lambda: redirect("/connexion?next=secret", 302), "302, to /connexion,"),
        ("page", lambda: "<form>", "200,"),
        ("403", lambda: abort(403), "403,"),
        ("the host's own 404", lambda: abort(404), "404,"),
    ],
)
def test_a_wall_that_asks_nobody_is_an_error_of_each_public_face(portal, look, name, hook, words):
    before(portal, hook)
    found = look(wall.look, portal)
    for face in PUBLIC:
        level, told = found[f"login wall: {face}"]
        assert level == "error", face
        assert "rdv.is_public(request)" in told
        assert "secret" not in told
    assert words in found["login wall: widget"][1]


def test_a_wall_before_the_keys_of_the_sync_api_alone_is_found(portal, look):
    before(portal, lambda: redirect("/connexion") if request.method == "POST" else None)
    assert levels(look(wall.look, portal)) == dict.fromkeys(FACES, "ok") | {"sync": "error"}


class OpenHost(PortalHost):
    """A host that takes anybody for the staff of a clinic."""

    def actor(self):
        return Actor(user_id=1, name="Anybody", clinic_id=None)


@pytest.fixture
def without_a_wall(portal):
    portal.before_request_funcs[None].remove(views.wall)
    return portal


def test_an_account_that_is_open_to_anybody_is_an_error(without_a_wall, look):
    here = without_a_wall.extensions[EXTENSION]
    host = OpenHost(db, here.clinic)
    without_a_wall.extensions[EXTENSION] = dataclasses.replace(here, host=host)
    before(without_a_wall, lambda: "Bienvenue" if "/compte/" in request.path else None)
    level, told = look(wall.look, without_a_wall)["login wall: account"]
    assert level == "error"
    assert "answered 200, where the login was due" in told


def test_the_accounts_own_check_is_wall_enough(without_a_wall, look):
    assert levels(look(wall.look, without_a_wall)) == dict.fromkeys(FACES, "ok")


def test_a_hook_that_fails_is_told_and_the_other_faces_are_probed(portal, look):
    def fail():
        if "/annuler/" in request.path:
            raise RuntimeError("Zoé L'Écuyer")

    before(portal, fail)
    found = look(wall.look, portal)
    assert levels(found) == dict.fromkeys(FACES, "ok") | {"cancellation": "error"}
    assert "Zoé" not in found["login wall: cancellation"][1]


def test_a_portal_that_fails_is_not_said_to_have_a_wall(portal, look):
    before(portal, lambda: abort(500))
    told = look(wall.look, portal)["login wall: sync"][1]
    assert "answered 500" in told
    assert "is_public" not in told


def test_only_the_faces_of_this_process_are_probed(portal_with, look):
    app = portal_with(LOGIVET_RDV_BLUEPRINTS=("widget", "sync"))
    assert list(levels(look(wall.look, app))) == ["widget", "sync"]


def test_the_probes_come_as_people_do_and_use_up_nobodys_limit(portal_with, look):
    app = portal_with(LOGIVET_RDV_LIMIT_PAGES="1/hour", LOGIVET_RDV_LIMIT_CANCELS="1/hour")
    seen = []
    before(app, lambda: seen.append((request.url_root, request.is_secure, request.remote_addr)))
    look(wall.look, app)
    addresses = {"https://portail.exemple.ca/", "https://widget.exemple.ca/"}
    assert {url for url, _, _ in seen} == addresses
    assert all(secure for _, secure, _ in seen)
    assert "127.0.0.1" not in {address for _, _, address in seen}


def test_whoever_runs_the_check_is_not_who_knocks(portal):
    """Flask-Login keeps who asks in `g`, which requests of one context would share."""
    with portal.app_context():
        g._login_user = User(id=1, clinic_id=1)
        found = {one.name: one.level for one in wall.look(portal)}
    assert found["login wall: account"] == "ok"
