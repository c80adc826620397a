"""« Gabarits de courriel »: what a clinic does there, on tables that the migrations made."""

from collections.abc import Iterator

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from bs4 import BeautifulSoup
from flask import Flask

from flask_logivet_rdv import MailText, jobs, mail_messages, migrating
from flask_logivet_rdv.models import Outbox
from host_example.models import MailTemplate, User, db
from host_example.portal_host import PortalHost
from tests.support.clinics import TestClinic, at, make_clinic
from tests.support.portal import Clock, make_portal
from tests.support.post import mailing_to, post_office

LIST = "/compte/gabarits"
PAGE = f"{LIST}/confirmation/fr"
OWN = {
    "subject": "À bientôt, {pet}!",
    "text": "Bonjour {name},\r\n\r\n{cancel_url}\r\n{cancel_note}",
    "html": "<p>Bonjour {name}</p>\r\n<a href='{cancel_url}'>Annuler</a> {cancel_note}",
}
SAVED = MailText(*(text.replace("\r\n", "\n") for text in OWN.values()))
WRONG = {"subject": "{nom}", "text": "Bonjour {name", "html": "<img src=x>"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_portal(tmp_path_factory.mktemp("portal"), clock=Clock())
    with app.app_context():
        flask_migrate.upgrade()
    migrating.upgrade(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clinic(demo: Flask) -> TestClinic:
    return make_clinic(demo, configured=True)


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


class Staff:
    """A person of a clinic, at the page."""

    def __init__(self, clinic: TestClinic) -> None:
        self.clinic, self.client = clinic, clinic.login()

    def see(self, path: str = PAGE) -> BeautifulSoup:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return soup(answer)

    def send(self, op: str, path: str = PAGE, **typed: str):
        token = self.see(path).select_one("[name=csrf_token]")["value"]
        return self.client.post(path, data={"csrf_token": token, "op": op, **(typed or OWN)})


@pytest.fixture
def staff(clinic: TestClinic) -> Staff:
    return Staff(clinic)


def typed_in(page: BeautifulSoup) -> dict[str, str]:
    return {
        "subject": page.find(id="subject")["value"],
        "text": page.find(id="text").text.removeprefix("\n"),
        "html": page.find(id="html").text.removeprefix("\n"),
    }


def kept(clinic: TestClinic, message: str = "confirmation", locale: str = "fr") -> MailText | None:
    """Return what the portal gives the package."""
    with clinic.app.app_context():
        host = PortalHost(db, type(None))
        return host.mail_text(clinic.clinic_id, message, locale)


def change(clinic: TestClinic, **changed) -> None:
    with clinic.app.app_context():
        db.session.execute(sa.update(User).where(User.id == clinic.user_id).values(**changed))
        db.session.commit()


def states(page: BeautifulSoup) -> dict[str, str]:
    cells = page.select("main td")
    return {cell.a["href"]: cell.select_one(".state").text for cell in cells}


def test_the_migrations_make_what_the_models_say(demo: Flask) -> None:
    with demo.app_context(), db.engine.connect() as connection:
        ours = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or "rdv" not in name},
        )
        assert compare_metadata(ours, db.metadata) == []


def test_each_message_is_listed_in_each_language(staff: Staff) -> None:
    wanted = {
        f"{LIST}/{message}/{locale}" for message in mail_messages("fr") for locale in ("fr", "en")
    }
    assert states(staff.see(LIST)) == dict.fromkeys(wanted, "Texte par défaut")


@pytest.mark.parametrize("message", mail_messages("fr"))
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_clinic_begins_from_our_own_text(staff: Staff, message: str, locale: str) -> None:
    page = staff.see(f"{LIST}/{message}/{locale}")
    shown = typed_in(page)
    assert "{pet}" in shown["subject"]
    assert "{name}" in shown["text"]
    assert shown["html"].startswith("<!DOCTYPE html>")
    assert "Ce message a le texte par défaut de LogiVet." in page.text
    assert page.select("[value=default]") == []
    listed = {code.text for code in page.select("main dl code")}
    assert {"{name}", "{pet}", "{date}", "{clinic}"} <= listed
    assert ("{cancel_url}" in listed) == ("annul" not in message and "cancel" not in message)


def test_what_is_saved_is_what_the_package_is_given(staff: Staff) -> None:
    answer = staff.send("save")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert kept(staff.clinic) == SAVED
    page = staff.see()
    assert page.find(role="status").text == "Le gabarit est enregistré."
    assert typed_in(page) == {"subject": SAVED.subject, "text": SAVED.text, "html": SAVED.html}
    assert states(staff.see(LIST))[PAGE] == "Texte de la clinique"
    assert kept(staff.clinic, locale="en") is None
    assert kept(staff.clinic, "reminder") is None


def test_of_two_first_texts_at_once_the_later_is_kept(staff: Staff) -> None:
    def colleague(*_) -> None:
        with db.engine.begin() as other:
            key = {"clinic_id": staff.clinic.clinic_id, "message": "confirmation", "locale": "fr"}
            other.execute(sa.insert(MailTemplate).values(**key, subject="Autre", text="{name}"))

    staff.see()
    sa.event.listen(db.session, "before_flush", colleague, once=True)
    assert staff.send("save").status_code == 303
    assert kept(staff.clinic) == SAVED


def test_a_text_that_cannot_be_kept_is_not_tried_for_ever(staff: Staff) -> None:
    def refused(*_) -> None:
        raise sa.exc.IntegrityError(None, None, Exception("its clinic is gone"))

    staff.see()
    sa.event.listen(db.session, "before_flush", refused)
    try:
        with pytest.raises(sa.exc.IntegrityError, match="its clinic is gone"):
            staff.send("save")
    finally:
        sa.event.remove(db.session, "before_flush", refused)


def test_it_may_be_changed_and_its_html_left_out(staff: Staff) -> None:
    staff.send("save")
    staff.send("save", **(OWN | {"subject": "Autre", "html": " \r\n "}))
    assert kept(staff.clinic) == MailText("Autre", SAVED.text, None)


def test_one_goes_back_to_our_own_text_which_stays_in_sight(staff: Staff) -> None:
    staff.send("save")
    ours = staff.see().select_one("details.part pre").text
    answer = staff.send("default", subject="", text="", html="")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert kept(staff.clinic) is None
    assert typed_in(staff.see())["text"] == ours


def test_our_own_text_sent_back_unchanged_is_no_text_of_the_clinic(staff: Staff) -> None:
    staff.send("save")
    staff.send("save", **typed_in(Staff(make_clinic(staff.clinic.app, configured=False)).see()))
    assert kept(staff.clinic) is None


@pytest.mark.parametrize("op", ["save", "preview"])
def test_problems_stand_with_their_field_and_nothing_typed_is_lost(staff: Staff, op: str) -> None:
    staff.send("save")
    answer = staff.send(op, **WRONG)
    page = soup(answer)
    assert answer.status_code == 422
    assert page.find(role="alert").text.strip().startswith("Rien n’a été enregistré")
    for field, problem in (
        ("subject", "Vouliez-vous écrire {name}?"),
        ("text", "{name\xa0» n'est pas compris"),
        ("html", "<img> n'a pas sa place"),
    ):
        control = page.find(id=field)
        assert control["aria-invalid"] == "true"
        assert f"{field}-wrong" in control["aria-describedby"].split()
        assert problem in page.find(id=f"{field}-wrong").text
    assert typed_in(page) == WRONG
    assert page.iframe is None
    assert kept(staff.clinic) == SAVED


def test_a_preview_shows_what_was_typed_and_saves_nothing(staff: Staff) -> None:
    answer = staff.send("preview")
    page = soup(answer)
    assert answer.status_code == 200
    assert "À bientôt, Tom!" in page.text
    assert "Bonjour Camille Tremblay," in page.select_one("pre.mail").text
    assert typed_in(page)["subject"] == OWN["subject"]
    assert kept(staff.clinic) is None


def test_html_is_shown_where_nothing_runs_and_nothing_is_fetched(staff: Staff) -> None:
    frame = soup(staff.send("preview")).iframe
    assert frame["sandbox"] == []
    assert "default-src 'none'" in frame["srcdoc"]
    assert "<p>Bonjour Camille Tremblay</p>" in frame["srcdoc"]


def test_a_preview_without_html_is_of_the_text_alone(staff: Staff) -> None:
    page = soup(staff.send("preview", **(OWN | {"html": ""})))
    assert page.iframe is None
    assert "Bonjour Camille Tremblay," in page.select_one("pre.mail").text


def test_what_is_typed_is_never_markup_of_the_page(staff: Staff) -> None:
    typed = {"subject": '"><b id=x>', "text": "</textarea><b id=x>", "html": "</textarea><b id=x>"}
    page = soup(staff.send("save", **typed))
    assert page.select("b#x") == []
    assert typed_in(page) == typed


@pytest.mark.parametrize("op", ["save", "preview", "default"])
def test_who_may_only_read_changes_nothing(staff: Staff, op: str) -> None:
    staff.send("save")
    change(staff.clinic, may_edit=False)
    page = staff.see()
    assert page.select("main button") == []
    assert all("readonly" in field.attrs for field in page.select("main input[id], main textarea"))
    assert staff.send(op, **(OWN | {"subject": "Autre"})).status_code == 403
    assert kept(staff.clinic) == SAVED


def test_a_form_without_its_token_saves_nothing(staff: Staff) -> None:
    assert staff.client.post(PAGE, data={"op": "save", **OWN}).status_code == 400
    assert kept(staff.clinic) is None


def test_another_clinic_neither_sees_nor_changes_it(staff: Staff) -> None:
    staff.send("save")
    other = Staff(make_clinic(staff.clinic.app, configured=False))
    assert "À bientôt" not in other.see().text
    other.send("default")
    other.send("save", clinic_id=str(staff.clinic.clinic_id), **(OWN | {"subject": "La mienne"}))
    assert kept(staff.clinic) == SAVED
    assert kept(other.clinic).subject == "La mienne"


@pytest.mark.parametrize("path", ["greeting/fr", "confirmation/es", "confirmation/FR", "x/y"])
def test_there_is_no_page_of_another_message_or_language(staff: Staff, path: str) -> None:
    assert staff.client.get(f"{LIST}/{path}").status_code == 404


def test_support_which_belongs_to_no_clinic_has_no_texts(staff: Staff) -> None:
    change(staff.clinic, clinic_id=None, is_support=True)
    assert "Ce compte n’est rattaché à aucune clinique." in staff.see(LIST).text
    assert staff.client.get(PAGE).status_code == 404


def test_strangers_are_sent_to_the_login_page(demo: Flask) -> None:
    for path in (LIST, PAGE):
        assert demo.test_client().get(path).location.startswith("/connexion?")


def test_the_page_speaks_the_language_of_the_user(staff: Staff) -> None:
    change(staff.clinic, locale="en")
    page = staff.see(f"{LIST}/confirmation/en")
    assert page.h1.text == "Confirmation, English"
    assert "the pet's name" in page.text
    problems = soup(staff.send("save", **WRONG)).find(id="subject-wrong").text
    assert "Did you mean {name}?" in problems


def test_a_clinic_that_goes_takes_its_texts_along(staff: Staff) -> None:
    staff.send("save")
    with staff.clinic.app.app_context():
        db.session.execute(sa.delete(User).where(User.clinic_id == staff.clinic.clinic_id))
        db.session.execute(sa.text("DELETE FROM rdv_clinic_account"))
        db.session.execute(
            sa.delete(db.metadata.tables["clinic"]).where(
                db.metadata.tables["clinic"].c.id == staff.clinic.clinic_id
            )
        )
        db.session.commit()
        rows = sa.select(MailTemplate).where(MailTemplate.clinic_id == staff.clinic.clinic_id)
        assert db.session.scalars(rows).all() == []


def test_the_mail_of_a_booking_arrives_in_the_words_that_were_saved(staff: Staff) -> None:
    staff.send("save")
    booking_id = staff.clinic.book(at("2026-03-18", "10:00"))
    app = staff.clinic.app
    with post_office() as office, mailing_to(app, office.port), app.app_context():
        jobs.drain()
        sent = sa.select(Outbox.state).where(Outbox.booking_id == booking_id)
        assert db.session.scalars(sent).all() == ["sent"]
    (mail,) = office.mails
    assert mail["Subject"] == "À bientôt, Tom!"
    words = mail.get_body(("plain",)).get_content()
    assert words.startswith("Bonjour Solutions Vet,")
    assert "moins de 24 heures" in words
    link = BeautifulSoup(mail.get_body(("html",)).get_content(), "html.parser").a["href"]
    assert link in words
