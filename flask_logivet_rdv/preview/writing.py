"""The files: each page with what it needs beside it, and an index that names and links them."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from flask_mail import Message
from markupsafe import Markup

from flask_logivet_rdv.i18n import Words, words

from . import account, public, told
from .portal import Portal, make_portal
from .stage import Stage

FILES = "files"
ADDRESS = re.compile(r'\b(href|src|action|formaction)="(/[^"]*)"')
KEPT = (".css", ".js")
PAGE = Markup(
    '<!doctype html><html lang="{tag}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    "<style>body{{font:1rem/1.5 system-ui;margin:1rem;overflow-wrap:anywhere}}"
    "pre{{white-space:pre-wrap}}td,th{{text-align:start;padding:.1rem 1rem .1rem 0}}</style>"
    "{body}</html>"
)


@dataclass(frozen=True)
class Folder:
    """Where the preview of a language goes; `client` gives the files that pages ask for."""

    path: Path
    client: FlaskClient

    def write(self, name: str, text: str) -> None:
        """Write a page, every address in it leading to a file beside it or nowhere."""
        (self.path / f"{slug(name)}.html").write_text(
            ADDRESS.sub(self._beside, text), encoding="utf-8"
        )

    def _beside(self, found: re.Match[str]) -> str:
        attribute, address = found[1], html.unescape(found[2])
        path = Path(urlsplit(address).path)
        if path.suffix not in KEPT or attribute not in {"href", "src"}:
            return f'{attribute}="#"'
        target = self.path / FILES / path.name
        target.parent.mkdir(exist_ok=True)
        with self.client.get(address) as file:
            target.write_bytes(file.data)
        return f'{attribute}="{FILES}/{path.name}"'


def write_all(folder: Path, langs: Sequence[str]) -> int:
    """Write the preview of languages into a folder; return how many pages it has."""
    names = dict[str, None]()
    for lang in langs:
        portal = make_portal()
        into = Folder(folder / lang, portal.app.test_client())
        into.path.mkdir(parents=True, exist_ok=True)
        for name, text in pages(portal, lang):
            into.write(name, text)
            names[name] = None
    (folder / "index.html").write_text(index(names, langs), encoding="utf-8")
    return len(names) * len(langs)


def pages(portal: Portal, lang: str) -> Iterator[tuple[str, str]]:
    """Play every scene in a language; yield its name and its page."""
    speech, bare = words(lang), Stage(portal, lang).kept()
    configured = bare().configured().kept()
    for name, play in public.SCENES.items():
        yield name, play(configured()).text
    for name, scene in account.SCENES.items():
        yield name, scene.play((bare if scene.bare else configured)()).text
    for name, mail in told.MAILS.items():
        sent = mail(configured())
        yield name, sent.html or ""
        yield f"{name}, as text", as_text(speech, sent)
    for name, pairs in told.PAGES.items():
        yield name, as_list(speech, name, pairs(configured()))


def as_text(speech: Words, mail: Message) -> str:
    """Return a page with a mail's subject and its text."""
    body = Markup("<h1>{}</h1><pre>{}</pre>").format(mail.subject, mail.body)
    return PAGE.format(tag=speech.tag, title=mail.subject, body=body)


def as_list(speech: Words, name: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return a page of names with what each says."""
    rows = (Markup("<dt><b>{}</b></dt><dd>{}</dd>").format(*pair) for pair in pairs)
    body = Markup("<dl>{}</dl>").format(Markup("").join(rows))
    return PAGE.format(tag=speech.tag, title=name.partition(" ")[0], body=body)


def index(names: Iterable[str], langs: Sequence[str]) -> str:
    """Return the page that names every screen and state, with a link to it in each language."""
    link = Markup('<td><a href="{0}/{1}.html">{0}</a></td>').format
    row = Markup("<tr><th>{}</th><td>{}</td>{}</tr>").format
    rows = (
        row(*name.split(" ", 1), Markup("").join(link(lang, slug(name)) for lang in langs))
        for name in names
    )
    body = Markup("<h1>{}</h1><p>{}</p><table>{}</table>").format(
        "Aperçu · Preview",
        ", ".join(f"{k}: {v}" for k, v in SCREENS.items()),
        Markup("").join(rows),
    )
    return PAGE.format(tag="en-CA", title="Rendez-vous en ligne", body=body)


def slug(name: str) -> str:
    """Return a name as a file is named."""
    return re.sub(r"\W+", "-", name.lower())


SCREENS: Mapping[str, str] = {
    "W": "widget",
    "C": "cancellation",
    "A": "account",
    "S": "support",
    "M": "mails",
    "N": "other texts",
}
