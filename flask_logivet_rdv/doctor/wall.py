"""The login wall, probed through the whole application: who is public passes, nobody else."""

from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from flask_logivet_rdv.config import FACES, Settings
from flask_logivet_rdv.state import state

from .finding import Finding, Level

NAME = "login wall"
NOBODYS_ADDRESS = "192.0.2.1"
"""Of the range for documentation (RFC 5737): no limit of anybody's is used up."""
NOBODYS_WIDGET = UUID(int=0)
NOBODYS_TOKEN = "nobody"  # noqa: S105 unknown on purpose
OUR_PAGE = 'id="rdv"'
"""In every public page, which its script looks for."""
REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    mimetype: str
    location: str
    body: str

    @property
    def said(self) -> str:
        """Return it in words; of a redirection, where to, without its query."""
        to = urlsplit(self.location)
        return f"{self.status}, to {to.netloc}{to.path}" if self.location else f"{self.status}"


@dataclass(frozen=True, slots=True)
class Probe:
    """A request by nobody: below `base`, right when `expects` its answer, which is `expected`."""

    base: str
    method: str
    path: str
    expected: str
    expects: Callable[[Answer], bool]


def look(app: Flask) -> Iterator[Finding]:
    """Yield for each face that is mounted whether its wall is right."""
    settings = state().settings
    for face in FACES:
        if face in settings.blueprints:
            yield _of_face(app, face, probes(settings)[face])


def probes(settings: Settings) -> dict[str, tuple[Probe, ...]]:
    """Return the probes of each face."""
    public, account = settings.public_base, (settings.account_url or settings.public_base)
    widget, sync = settings.widget_prefix, settings.sync_prefix
    return {
        "account": (
            Probe(
                account,
                "GET",
                f"{settings.account_prefix}/",
                "the login",
                lambda answer: answer.status in REFUSED or 300 <= answer.status < 400,
            ),
        ),
        "widget": (
            Probe(
                public,
                "GET",
                f"{widget}?widgetId={NOBODYS_WIDGET}",
                "our 404 page",
                _is_our_404,
            ),
        ),
        "cancellation": (
            Probe(
                public,
                "GET",
                f"{widget}/annuler/{NOBODYS_TOKEN}",
                "our 404 page",
                _is_our_404,
            ),
        ),
        "sync": (
            Probe(
                public,
                "GET",
                f"{sync}/openapi.json",
                "200 and JSON",
                lambda answer: answer.status == 200 and answer.mimetype == "application/json",
            ),
            Probe(
                public,
                "POST",
                f"{sync}/changes",
                "our 401",
                lambda answer: (
                    answer.status == 401 and answer.mimetype == "application/problem+json"
                ),
            ),
        ),
    }


def _of_face(app: Flask, face: str, wanted: tuple[Probe, ...]) -> Finding:
    name = f"{NAME}: {face}"
    for probe in wanted:
        try:
            answer = ask(app, probe)
        except Exception as error:  # noqa: BLE001 a host hook may raise anything
            what = f"raised {type(error).__name__}"
            return Finding(name, Level.ERROR, _wrong(probe, what, "Something in its way fails."))
        if not probe.expects(answer):
            advice = _advice(face, answer.status)
            return Finding(name, Level.ERROR, _wrong(probe, f"answered {answer.said}", advice))
    told = "Behind the login." if face == "account" else "Reached without a login."
    return Finding(name, Level.OK, told)


def ask(app: Flask, probe: Probe) -> Answer:
    """Return an application's answer to a probe, in a context that knows nobody."""

    def send() -> TestResponse:
        client = app.test_client(use_cookies=False)
        return client.open(
            probe.path,
            method=probe.method,
            base_url=probe.base,
            environ_overrides={"REMOTE_ADDR": NOBODYS_ADDRESS},
        )

    answer = Context().run(send)
    return Answer(answer.status_code, answer.mimetype or "", answer.location or "", answer.text)


def _is_our_404(answer: Answer) -> bool:
    return answer.status == 404 and OUR_PAGE in answer.body


def _wrong(probe: Probe, what: str, advice: str) -> str:
    return f"{probe.method} {probe.path} {what}, where {probe.expected} was due. {advice}"


def _advice(face: str, status: int) -> str:
    if status >= 500:
        return "The application's log says why."
    if face == "account":
        return "Whoever is not logged in must be sent to the login: see Host.actor."
    return "Each before_request of the portal must let pass what rdv.is_public(request) names."
