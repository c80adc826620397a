"""The domains of the clinic's site: as typed, judged in words, in their stored form (S57–S59)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_logivet_rdv import domains
from flask_logivet_rdv.i18n import gettext as _

from .forms import Submission
from .layout import Problem

MOST_DOMAINS = 50


@dataclass(frozen=True, slots=True)
class DomainsForm:
    """The domains on the page, saved or not; `typed` is what stands in the field."""

    domains: tuple[str, ...]
    typed: str = ""
    problems: tuple[Problem, ...] = ()
    twin: str | None = None

    @property
    def shown(self) -> Mapping[str, str]:
        """Return the domains as people read them, by their stored form."""
        return {domain: domains.display(domain) for domain in self.domains}

    @property
    def twin_shown(self) -> str:
        """Return the suggested domain as people read it."""
        return domains.display(self.twin or "")


def read_domains(sent: Submission, *, dev: bool) -> DomainsForm:
    """Return the domains after the button that was used: add, remove or save (S57).

    A domain still in the field is added when saving: nobody types one to have it dropped.
    """
    held = list(filter(None, sent.fields.getlist("domains")))[: MOST_DOMAINS + 1]
    typed = sent.fields.get("domain", "").strip()
    if sent.op == "remove":
        return DomainsForm(tuple(d for d in held if d != sent.subject), typed, sent.problems)
    new = sent.subject or typed
    wanted = [*held, new] if new else held
    problems = [*sent.problems]
    if sent.op == "add" and not new:
        problems.append(Problem("domain", _("{label} is required.", label=_("Domain"))))
    stored = [_parsed(text, problems, dev=dev) for text in wanted]
    if len(set(stored)) > MOST_DOMAINS:
        problems.append(Problem("domain", _("At most {n} domains can be saved.", n=MOST_DOMAINS)))
    if problems:
        return DomainsForm(tuple(held), typed, tuple(problems))
    twin = domains.www_twin(stored[-1]) if sent.op == "add" else None
    left = typed if sent.subject else ""
    return DomainsForm(
        tuple(dict.fromkeys(stored)), left, twin=twin if twin not in stored else None
    )


def _parsed(text: str, problems: list[Problem], *, dev: bool) -> str:
    try:
        return domains.parse(text, dev=dev)
    except domains.BadDomain:
        shown = text if len(text) <= 100 else f"{text[:100]}…"
        message = _("“{value}” is not a valid domain. Example: www.clinic.ca", value=shown)
        problems.append(Problem("domain", message))
        return text
