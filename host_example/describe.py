"""What a launched demo is, for people and for programs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .desktop.demo import logivet_ids
from .people import Login, login_of
from .seed import Seeded


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo answers. `desktop_url` is None where LogiVet does not run; no final slash."""

    portal_url: str
    site_url: str
    sync_url: str
    desktop_url: str | None
    mail_dir: Path


def description(places: Places, seeded: list[Seeded]) -> dict[str, Any]:
    """Return the description of a demo: its addresses, logins, keys and LogiVet's ids."""
    return {
        "portal_url": places.portal_url,
        "site_url": places.site_url,
        "sync_url": places.sync_url,
        "mail_dir": str(places.mail_dir),
        "support_login": _login(login_of(None)),
        "clinics": [_clinic(places, one) for one in seeded],
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write `content` as JSON; the file is whole as soon as it has its name."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    part.replace(path)


def summary(places: Places, seeded: list[Seeded]) -> str:
    """Return what the launcher prints once everything answers."""
    lines = [
        "",
        "Rendez-vous en ligne – démonstration / demo",
        "",
        f"  Portail / portal      {places.portal_url}/connexion",
        f"  Site des clients      {places.site_url}/   (English: {places.site_url}/?lang=en)",
    ]
    for one in seeded:
        login = login_of(one.clinic.slug)
        lines += ["", f"  {one.clinic.name_fr}", f"    {login.email}   {login.password}"]
        if places.desktop_url:
            lines.append(f"    LogiVet: {places.desktop_url}/{one.clinic.slug}/")
    support = login_of(None)
    lines += ["", f"  {support.name}", f"    {support.email}   {support.password}"]
    lines += ["", f"  Courriels / mail      {places.mail_dir}", "", "  Ctrl-C: arrêter / stop", ""]
    return "\n".join(lines)


def _clinic(places: Places, one: Seeded) -> dict[str, Any]:
    slug = one.clinic.slug
    return {
        "name": one.clinic.name_fr,
        "slug": slug,
        "login": _login(login_of(slug)),
        "widget_id": str(one.account_id),
        "sync_key": one.sync_key,
        "desktop_url": f"{places.desktop_url}/{slug}/" if places.desktop_url else None,
        "logivet_ids": logivet_ids(),
    }


def _login(login: Login) -> dict[str, str]:
    return {"email": login.email, "password": login.password}
