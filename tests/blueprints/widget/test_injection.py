"""Whatever is typed stays text: in pages, mails, calendars, LogiVet's feed and the log (A11)."""

import email
import email.policy
import logging
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from icalendar import Calendar
from sqlalchemy.exc import OperationalError

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import transaction
from tests.blueprints.sync.calls import Desktop
from tests.blueprints.widget.owner import Owner, Page
from tests.messages.test_letters import LINK
from tests.support.links import OURS

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea></title><svg onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "' onmouseover='alert(1)",
    "javascript:alert(1)//",
    "&lt;b&gt;&amp;&#60;i&#62;",
    "<!-- ]]> -->",
    "{{7*7}}",
    "{% for x in () %}{% endfor %}",
    "{{ config.SECRET_KEY }}",
    "${7*7} #{7*7}",
    "{0} {name.__class__} {tel}",
    "%s %n %(name)s %",
    "'; DROP TABLE rdv_booking; --",
    "1' OR '1'='1",
    "\\' UNION SELECT 1 --",
    '=HYPERLINK("http://mal.ca","x")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "%0d%0aBcc: victime@exemple.ca",
    "Bcc: victime@exemple.ca",
    "BEGIN:VEVENT;X=1,2\\n",
    "../../../../etc/passwd",
    "$(id) `id` | id",
    "é ñ 漢字 🐕 ﷽",
    "\\u0000 \\x00 \\r\\n",
    '{"a": [1, null]}',
    "NULL",
    "0e0 == false",
]
"""What is typed; nothing in it is cleaned away, so it has to come back as it was."""
FIELDS = ("name", "pet_name", "reason")


def inert(page: BeautifulSoup) -> bool:
    """Tell that a document holds no element and no attribute that anybody typed."""
    tags = page.find_all(True)
    handlers = [name for tag in tags for name in tag.attrs if name.startswith(("on", "autofocus"))]
    links = [str(tag.get("href", "")) for tag in tags]
    scripts = [tag for tag in page.find_all("script") if not tag.get("src")]
    drawn = [tag for tag in page.find_all(["svg", "img"]) if "onload" in str(tag) or tag.get("src")]
    return not (handlers or scripts or drawn or any("javascript" in link for link in links))


def parts(message: Any) -> dict[str, Any]:
    """Return a mail as it travels: its subject, text, HTML and calendar."""
    read = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    found = {part.get_content_type(): part for part in read.walk()}
    return {
        "subject": read["Subject"],
        "to": read.get_all("To"),
        "names": {name.lower() for name in read},
        "text": found["text/plain"].get_content(),
        "html": found["text/html"].get_content(),
        "calendar": next(
            part.get_payload(decode=True)
            for kind, part in found.items()
            if kind in {"text/calendar", "application/ics"}
        ),
    }


@pytest.fixture
def everywhere(portal: Flask, owner: Owner, caplog) -> Any:
    """Type a text in every field, book, cancel for that reason; return all that it went through."""

    def go(typed: str) -> dict[str, Any]:
        caplog.set_level(logging.DEBUG)
        words = dict.fromkeys(FIELDS, typed)
        refused = owner.book(**words, email=typed, phone=typed)
        booked = owner.book(**words)
        with portal.app_context(), portal.extensions["mail"].record_messages() as sent:
            jobs.drain()
            (mail,) = [message for message in sent if owner.email in message.recipients]
            post = parts(mail)
        link = "/" + LINK.search(post["text"]).group().split("/", 3)[3]
        asked = owner.client.get(link)
        form = Page(asked).form() | {"reason": typed}
        answer = owner.client.post(link, data=form, headers=OURS)
        logivet = Desktop(portal.test_client(), owner.clinic.key)
        return {
            "refused": refused,
            "booked": Page(owner.client.get(booked.answer.location)),
            "asked": Page(asked),
            "cancelled": Page(owner.client.get(answer.location)),
            "mail": post,
            "feed": logivet.get("/bookings").json["bookings"],
            "messages": [event["message"] for event in logivet.events().json["events"]],
            "log": caplog.text,
        }

    return go


@pytest.mark.parametrize("typed", CORPUS)
def test_typed_text_is_shown_sent_and_told_as_it_is_and_obeyed_nowhere(
    owner: Owner, everywhere, typed: str
):
    seen = everywhere(typed)
    assert seen["refused"].status == 422
    form = seen["refused"].form()
    assert {form[name] for name in (*FIELDS, "email", "phone")} == {typed}
    for name in ("refused", "booked", "asked", "cancelled"):
        assert inert(seen[name].soup), name
    for name in ("booked", "asked", "cancelled"):
        assert typed in " ".join(seen[name].soup.get_text(" ").split()), name

    mail = seen["mail"]
    assert typed in mail["subject"]
    assert typed in mail["text"]
    page = BeautifulSoup(mail["html"], "html.parser")
    assert inert(page)
    assert typed in " ".join(page.get_text().split())
    assert mail["to"] == [owner.email]
    assert "bcc" not in mail["names"]
    (entry,) = Calendar.from_ical(mail["calendar"]).events
    assert typed in f"{entry['SUMMARY']}\n{entry['DESCRIPTION']}"

    (booking,) = seen["feed"]
    assert booking["client"]["name"] == typed
    assert booking["pet_name"] == typed
    assert booking["reason"] == typed
    assert len(seen["messages"]) == 2
    for told in seen["messages"]:
        assert typed in f"{told['subject']} {told['body']}"
    assert typed not in seen["log"]
    assert owner.email not in seen["log"]


def test_what_was_typed_is_not_in_the_log_of_a_database_that_fails(
    owner: Owner, monkeypatch, caplog
):
    """Its errors name the values that it was given."""
    caplog.set_level(logging.DEBUG)

    def fails(*_: Any) -> None:
        raise OperationalError("INSERT", {"email": owner.email}, Exception("Marie Tremblay"))

    with monkeypatch.context() as broken:
        broken.setattr(transaction, "_locked", fails)
        assert owner.book().status == 503
    assert "A page of the widget failed (OperationalError)." in caplog.text
    for typed in owner.typed.values():
        assert typed not in caplog.text
