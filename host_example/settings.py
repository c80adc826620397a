"""The portal's configuration, from environment variables and its data folder."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DEFAULT_DATA = Path("instance/demo")
DEFAULT_URL = "http://127.0.0.1:8700"
DEFAULT_LAYOUT = "logivet"
SESSION = "session"
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}


def data_folder(path: Path | str | None = None) -> Path:
    """Return the data folder, made if absent for its owner alone: it holds secrets.

    It is `path`, else the environment's RDV_DEMO_DATA, else `instance/demo`.
    """
    folder = Path(path or os.environ.get("RDV_DEMO_DATA") or DEFAULT_DATA).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def holds_data(folder: Path) -> bool:
    """Tell whether a portal has had `folder` for its data."""
    return _secret(folder, SESSION).exists()


def kept_secret(folder: Path, name: str) -> str:
    """Return the secret of that name in `folder`, made once and readable by its owner alone."""
    path = _secret(folder, name)
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def _secret(folder: Path, name: str) -> Path:
    return folder / f"{name}.secret"


def database_url(url: str) -> str:
    """Return `url` with the driver that is installed: `postgresql://` alone means several."""
    scheme, separator, rest = url.partition("://")
    return DRIVERS.get(scheme, scheme) + separator + rest


def settings(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the configuration of a portal whose data are in `folder`.

    `environment` may hold DATABASE_URL, REDIS_URL, MAIL_SERVER, MAIL_PORT, RDV_DEMO_LAYOUT,
    RDV_DEMO_PUBLIC_URL (the portal's own address, without a final slash), RDV_DEMO_WAITERS
    (LogiVet's requests that a process holds, thousands under gevent) and RDV_DEMO_LIMIT_PAGES.
    """
    waiters = environment.get("RDV_DEMO_WAITERS")
    url = environment.get("RDV_DEMO_PUBLIC_URL", DEFAULT_URL)
    database = environment.get("DATABASE_URL") or f"sqlite:///{folder / 'portal.sqlite3'}"
    return {
        "SECRET_KEY": kept_secret(folder, SESSION),
        "SQLALCHEMY_DATABASE_URI": database_url(database),
        # 15 at most, as by default; but all are kept: an overflow is closed after each use.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 15, "max_overflow": 0},
        "SESSION_COOKIE_NAME": "logivet",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAIL_SERVER": environment.get("MAIL_SERVER", "127.0.0.1"),
        "MAIL_PORT": int(environment.get("MAIL_PORT", "25")),
        "MAIL_DEFAULT_SENDER": "rendez-vous@logivet.exemple.ca",
        "RDV_DEMO_LAYOUT": environment.get("RDV_DEMO_LAYOUT") or DEFAULT_LAYOUT,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "LOGIVET_RDV_PUBLIC_URL": url,
        "LOGIVET_RDV_ACCOUNT_URL": url,
        "LOGIVET_RDV_REDIS_URL": environment.get("REDIS_URL") or None,
        "LOGIVET_RDV_EMAIL_KEY": kept_secret(folder, "email"),
        "LOGIVET_RDV_WAITERS": int(waiters) if waiters else None,
        "LOGIVET_RDV_DEV_DOMAINS": True,
        # Everybody who tries the demo comes from one address, some of them with a script.
        "LOGIVET_RDV_LIMIT_PAGES": environment.get("RDV_DEMO_LIMIT_PAGES"),
        "LOGIVET_RDV_LIMIT_BOOKINGS": None,
        "LOGIVET_RDV_LIMIT_WIDGET": None,
        "LOGIVET_RDV_LIMIT_CANCELS": None,
        "LOGIVET_RDV_MAX_LIVE_PER_PHONE": None,
        "LOGIVET_RDV_FORM_MIN_AGE": 0,
        "LOGIVET_RDV_SUBNAV": False,
        "LOGIVET_RDV_SUPPORT": "soutien@logivet.exemple.ca",
    }
