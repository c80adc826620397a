"""What the code says, and where people see it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir

from . import files

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "tr": None,
    "trn": (1, 2),
    "trp": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
FOR_TRANSLATORS = ("Translators:",)
SEEN = (
    ("templates/logivet_rdv/widget/choose", "widget, step 1"),
    ("templates/logivet_rdv/widget/month", "widget, step 1, calendar"),
    ("templates/logivet_rdv/widget/times", "widget, step 1, free times"),
    ("templates/logivet_rdv/widget/details", "widget, step 2, form"),
    ("templates/logivet_rdv/widget/confirmation", "widget, step 3"),
    ("templates/logivet_rdv/widget/", "widget, every step"),
    ("blueprints/widget/views_confirmation", "widget, step 3"),
    ("blueprints/widget/forms", "widget, step 2, form"),
    ("blueprints/widget/sheet", "widget, step 2, form"),
    ("blueprints/widget/", "widget"),
    ("templates/logivet_rdv/cancellation/", "cancellation page"),
    ("blueprints/cancellation/", "cancellation page"),
    ("templates/logivet_rdv/mail/", "email to the client"),
    ("messages/letters", "email to the client"),
    ("messages/delivery", "email to the client"),
    ("messages/ics", "calendar entry"),
    ("messages/notice", "message to the clinic, in LogiVet"),
    ("messages/", "account pages"),
    ("templates/logivet_rdv/account/support", "support page"),
    ("blueprints/account/views_support", "support page"),
    ("templates/logivet_rdv/account/sample", "text for the clinic's own page"),
    ("templates/logivet_rdv/account/", "account pages"),
    ("blueprints/account/", "account pages"),
    ("web/widget_code", "iframe code"),
    ("i18n", "everywhere"),
    ("", "pages"),
)
"""Where the sentences of a file are seen, by how its path begins: the first that fits."""


def extract(package: Path) -> Catalog:
    """Return the sentences of a package's sources, each with where it is seen as its comment."""
    catalog, places = Catalog(), dict[tuple[Any, Any], dict[str, None]]()
    found = extract_from_dir(
        package, METHODS, keywords=KEYWORDS, comment_tags=FOR_TRANSLATORS, strip_comment_tags=True
    )
    for filename, _line, message, comments, context in found:
        catalog.add(message, context=context, auto_comments=comments)
        places.setdefault((message, context), {})[_seen(filename)] = None
    for (message, context), seen in places.items():
        where = f"Seen: {'; '.join(sorted(seen))}"
        catalog.add(message, context=context, auto_comments=(where,))
    return catalog


def update(folder: Path, package: Path) -> Iterable[str]:
    """Bring the template and every catalogue up to date, and yield each language.

    A sentence that is no longer said goes; a new one has no translation yet, but in English its
    own. Nothing is guessed from a sentence that resembles it.
    """
    said = extract(package)
    files.write(like(files.read(files.template(folder)), said), files.template(folder))
    for language in files.languages(folder):
        path = files.catalogue(folder, language)
        before = files.read(path, language) if path.is_file() else Catalog(locale=language)
        files.write(like(before, said), path)
        yield language


def key(message: Message) -> tuple[Any, Any]:
    """Return what tells a message from all others."""
    identity = message.id if isinstance(message.id, str) else tuple(message.id)
    return identity, message.context


def like(before: Catalog, said: Catalog) -> Catalog:
    """Return a catalogue of what is said now, with the head and translations of the one before."""
    known = {key(message): message for message in before if message.id}
    after = Catalog(locale=before.locale, header_comment=before.header_comment, fuzzy=before.fuzzy)
    for name in ("project", "version", "msgid_bugs_address", "creation_date", "revision_date",
                 "last_translator", "language_team"):  # fmt: skip
        setattr(after, name, getattr(before, name))
    if before.locale:  # its plurals are the file's own: Babel's change with its releases
        after.mime_headers = [("Plural-Forms", before.plural_forms)]
    for message in said:
        if message.id:
            old = known.get(key(message))
            after.add(
                message.id,
                _string(before, message, old),
                flags=old.flags if old else message.flags,
                auto_comments=message.auto_comments,
                user_comments=old.user_comments if old else (),
                context=message.context,
            )
    return after


def _string(before: Catalog, message: Message, old: Message | None) -> Any:
    if old is not None:
        return old.string
    if before.locale is not None and before.locale.language == "en":
        return message.id
    return "" if isinstance(message.id, str) else ("", "")


def _seen(filename: str) -> str:
    return next(words for begins, words in SEEN if filename.startswith(begins))
