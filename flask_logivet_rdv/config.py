"""Settings: one documented field per ``LOGIVET_RDV_*`` key of the application's configuration."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from itertools import permutations
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.theme import is_colour
from flask_logivet_rdv.ui import FRAMEWORKS, KINDS, Ui, is_ui, ui_of

PREFIX = "LOGIVET_RDV_"
FACES = ("account", "widget", "cancellation", "sync")
MOST_HOURS = 24 * 366
MOST_DAYS = 3660
_PATH_SHAPE = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigError(RuntimeError):
    """A key of the configuration is missing or wrong; the message names it."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{PREFIX}{key} {problem}")


def _of(kind: type, *, low: int | None = None, high: int | None = None) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        right_type = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        return right_type and (low is None or value >= low) and (high is None or value <= high)

    return check


def _step(value: Any) -> bool:
    return value == "duration" or (_of(int, low=5)(value) and value % 5 == 0 and value <= 480)


def _faces(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and bool(value) and all(face in FACES for face in value)


def _prefix(value: Any) -> bool:
    return isinstance(value, str) and _PATH_SHAPE.fullmatch(value) is not None


def _public_url(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    try:
        url, _port = urlsplit(value), urlsplit(value).port
    except ValueError:
        return False
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
    bare = not (url.username or url.query or url.fragment) and value.isascii()
    return bool(safe and url.hostname and bare)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text(value: Any) -> bool:
    return value is None or _filled(value)


def _colour(value: Any) -> bool:
    return value is None or is_colour(value)


def _redis(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    try:
        url, _port = urlsplit(value), urlsplit(value).port
    except ValueError:
        return False
    return url.scheme in {"redis", "rediss", "unix"}


def _limit(value: Any) -> bool:
    if value is None:
        return True
    parts = value.split("/") if isinstance(value, str) else ()
    units = ("second", "minute", "hour", "day")
    return len(parts) == 2 and parts[0].isdecimal() and int(parts[0]) > 0 and parts[1] in units


def setting(default: Any, check: Callable[[Any], bool], expected: str) -> Any:
    """Return a field with its default, its check and the words for a wrong value."""
    return field(default=default, metadata={"check": check, "expected": expected})


_COUNT = "must be an integer, 0 or more"
_CAP = "must be an integer, 1 or more"
_HOURS = f"must be hours, from 0 to {MOST_HOURS}"
_DAYS = f"must be days, from 1 to {MOST_DAYS}"
_RATE = "must be like '20/hour' (second, minute, hour or day), or None for no limit"
_ABSOLUTE = "must be an absolute https URL in ASCII (http only on loopback)"
_UI = (
    f"must be one of {', '.join(FRAMEWORKS)}, or map some of {', '.join(KINDS)} to CSS class names"
)
_PATH = "must start with '/', not end with it, and hold only letters, digits and -._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The package's configuration, read once at start-up. Names are keys without the prefix."""

    blueprints: tuple[str, ...] = setting(
        FACES, _faces, f"must be a non-empty selection of {', '.join(FACES)}"
    )
    """Faces mounted in this process."""
    account_prefix: str = setting("/compte/rendez-vous-en-ligne", _prefix, _PATH)
    widget_prefix: str = setting("/services/online-appointment", _prefix, _PATH)
    """Prefix of the widget; the cancellation pages are below it, at ``/annuler``."""
    sync_prefix: str = setting("/api/logivet/v1", _prefix, _PATH)
    public_url: str | None = setting(None, _public_url, _ABSOLUTE)
    """Where the widget and cancellation pages are reached; in the iframe code, mails, calendars."""
    account_url: str | None = setting(None, _public_url, _ABSOLUTE)
    """Where the clinic's account is reached."""
    subnav: bool = setting(True, _of(bool), "must be True or False")
    """Print the package's own sub-menu on the account pages."""
    ui: str | Mapping[str, str] = setting("none", is_ui, _UI)
    """Whose classes the controls of the account pages have beside ours."""
    accent: str | None = setting(None, _colour, "must be a colour like '#0b6e8f'")
    """Colour of the public pages and mails of a clinic that the host gives none."""
    min_notice_hours: int = setting(12, _of(int, low=0, high=MOST_HOURS), _HOURS)
    months_ahead: int = setting(2, _of(int, low=1, high=24), "must be months, from 1 to 24")
    min_cancel_hours: int = setting(24, _of(int, low=0, high=MOST_HOURS), _HOURS)
    reminder_hours: int = setting(0, _of(int, low=0, high=MOST_HOURS), _HOURS)
    """Hours before a visit at which its client is reminded; 0: nobody is."""
    retention_days: int = setting(90, _of(int, low=1, high=MOST_DAYS), _DAYS)
    """Days after a visit at which what its client typed is blanked, once LogiVet has it."""
    slot_step: str | int = setting(
        "duration", _step, "must be 'duration' or minutes, a multiple of 5 from 5 to 480"
    )
    limit_pages: str | None = setting("240/minute", _limit, _RATE)
    """Public pages per address (IPv6: per /64)."""
    limit_bookings: str | None = setting("20/hour", _limit, _RATE)
    """Bookings per address."""
    limit_widget: str | None = setting("300/hour", _limit, _RATE)
    """Bookings per widget."""
    limit_cancels: str | None = setting("30/minute", _limit, _RATE)
    """Cancellation pages per address."""
    kept_pages: int = setting(500, _of(int, low=0), _COUNT)
    """Calendars that a process keeps in memory, some 14 kB each, until something changes; 0: none.

    And as many of the pages around them, until the clinic's settings change.
    None suits a portal whose own templates of these pages show what changes by itself.
    """
    incident_refusals: str | None = setting("20/hour", _limit, _RATE)
    """Requests of one person or key for what is not the clinic's, beyond which it is told."""
    form_min_age: int = setting(3, _of(int, low=0), _COUNT)
    """Seconds under which a filled form is taken for a robot's."""
    max_live_per_email: int = setting(3, _of(int, low=1), _CAP)
    """Upcoming bookings of one address, across clinics."""
    max_confirmations_per_email: int = setting(5, _of(int, low=1), _CAP)
    """Confirmations to one address within a day, across clinics."""
    max_live_per_phone: int | None = setting(
        3, lambda v: v is None or _of(int, low=1)(v), f"{_CAP}, or None for no limit"
    )
    """Upcoming bookings of one telephone number in one clinic."""
    email_key: str | None = setting(None, _text, "must be a non-empty string")
    """Key of the hash under which addresses are counted; not SECRET_KEY, which rotates."""
    dev_domains: bool = setting(False, _of(bool), "must be True or False")
    """Accept loopback and IP hosts as domains of a widget (development only)."""
    redis_url: str | None = setting(None, _redis, "must be a redis, rediss or unix URL")
    """Redis for the queue, wake-ups and limits; None: the drain loop and memory serve.

    Not given, it is the portal's own, see `read_settings`.
    """
    queue: str = setting("logivet-rdv", _filled, "must be a non-empty string")
    waiters: int | None = setting(None, lambda v: v is None or _of(int, low=0)(v), _COUNT)
    """Long-polls held per process; None: 4 on a threaded server, else 0."""
    mail_from: str | None = setting(None, _text, "must be a non-empty string")
    """Address of the sender; None: MAIL_DEFAULT_SENDER."""
    support: str | None = setting(None, _text, "must be a non-empty string")
    """How a clinic that is not subscribed reaches LogiVet's support: URL, address or number."""

    @property
    def public_base(self) -> str:
        """Return the base of the public pages, never taken from a request's Host."""
        return (self.public_url or "http://localhost").rstrip("/")

    @property
    def public_origin(self) -> str:
        """Return the origin of the public pages, as a browser's Origin header gives it."""
        parts = urlsplit(self.public_base.lower())
        usual = ":443" if parts.scheme == "https" else ":80"
        return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"

    @property
    def public_host(self) -> str:
        """Return the host name of the public pages, for Message-IDs and calendar UIDs."""
        return urlsplit(self.public_base).hostname or "localhost"

    def widget_url(self, widget_id: UUID, lang: str) -> str:
        """Return the address of a widget, as in the iframe code (S61)."""
        query = urlencode({"widgetId": str(widget_id), "lang": lang})
        return f"{self.public_base}{self.widget_prefix}?{query}"

    def cancel_url(self, token: str) -> str:
        """Return the address of a mailed cancellation link (S91)."""
        return f"{self.public_base}{self.widget_prefix}/annuler/{token}"

    @property
    def classes(self) -> Ui:
        """Return the host's classes for the controls of the account pages."""
        return ui_of(self.ui)

    @property
    def rules(self) -> Rules:
        """Return the booking rules in the core's terms."""
        return Rules(
            min_notice_s=self.min_notice_hours * 3600,
            months_ahead=self.months_ahead,
            min_cancel_s=self.min_cancel_hours * 3600,
            step_min=self.slot_step if isinstance(self.slot_step, int) else None,
            reminder_s=self.reminder_hours * 3600,
        )


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Return the settings of an application's configuration.

    Raises ConfigError, naming the key, for a wrong value, an unknown ``LOGIVET_RDV_*`` key, or
    one that production needs and that is absent. A portal that has a Redis, by ``RQ_REDIS_URL`` or
    ``REDIS_URL``, shares it unless it is told another, or None.
    """
    known = {f.name.upper(): f for f in fields(Settings)}
    given = {k.removeprefix(PREFIX): v for k, v in config.items() if k.startswith(PREFIX)}
    for name, value in given.items():
        if name not in known:
            raise ConfigError(name, "is not a known setting.")
        if not known[name].metadata["check"](value):
            raise ConfigError(name, f"{known[name].metadata['expected']}, not {value!r}.")
    if not config.get("DEBUG") and not config.get("TESTING"):
        for name in ("PUBLIC_URL", "ACCOUNT_URL", "EMAIL_KEY"):
            if not given.get(name):
                raise ConfigError(name, "is required outside debug and testing.")
    values: dict[str, Any] = {"redis_url": _hosts_redis(config)}
    values |= {name.lower(): value for name, value in given.items()}
    if "blueprints" in values:
        values["blueprints"] = tuple(values["blueprints"])
    settings = Settings(**values)
    _keep_apart(settings)
    return settings


def _hosts_redis(config: Mapping[str, Any]) -> str | None:
    """Return the Redis that the portal has for its own jobs or else for anything, if it has one."""
    named = (config.get(name) for name in ("RQ_REDIS_URL", "REDIS_URL"))
    return next((url for url in named if url and _redis(url)), None)


def _keep_apart(settings: Settings) -> None:
    """Refuse a face below another: who may enter, and who may frame, is told by the path."""
    names = ("account_prefix", "widget_prefix", "sync_prefix")
    for inner, outer in permutations(names, 2):
        if f"{getattr(settings, inner)}/".startswith(f"{getattr(settings, outer)}/"):
            raise ConfigError(inner.upper(), f"must not be {PREFIX}{outer.upper()} or below it.")
