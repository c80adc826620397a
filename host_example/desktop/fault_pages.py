"""The page « Pannes »: what goes wrong on purpose, and the copy of the agenda to go back to."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from .desk import desk
from .faults import MAX_SKEW_S, SHARES

bp = Blueprint("faults", __name__)
Answer = Response | tuple[str, int]


@bp.get("/pannes")
def faults_page() -> str:
    """Show the switches as they are, and the copy of the agenda if one is kept."""
    return _page()


@bp.post("/pannes")
def switch() -> Answer:
    """Set all that goes wrong from the form; ``op=stop`` ends all of it."""
    faults = desk().faults
    if request.form.get("op") == "stop":
        faults.stop()
        return _done()
    try:
        shares = {name: _number(name, 0, 100) / 100 for name in SHARES}
        skew = int(_number("skew", -MAX_SKEW_S, MAX_SKEW_S))
    except ValueError:
        return _page("Indiquez des pourcentages de 0 à 100 et un nombre de secondes."), 422
    for name, share in shares.items():
        setattr(faults, name, share)
    faults.skew, faults.offline = skew, "offline" in request.form
    return _done()


@bp.post("/pannes/copie")
def keep() -> Response:
    """Keep a copy of the agenda, in the place of the one before."""
    here = desk()
    here.store.backup(here.copy)
    return _done()


@bp.post("/pannes/retour")
def go_back() -> Answer:
    """Go back to the copy, as a computer does that is restored from its backup."""
    here = desk()
    try:
        here.store.restore(here.copy)
    except FileNotFoundError:
        return _page("Aucune copie n’a été gardée."), 409
    here.sync.go_on()
    return _done()


def _number(name: str, least: int, most: int) -> float:
    value = float(request.form.get(name) or 0)
    if not least <= value <= most:
        raise ValueError(name)
    return value


def _done() -> Response:
    desk().sync.go_on()
    return redirect(url_for("faults.faults_page"), 303)


def _page(error: str = "") -> str:
    here = desk()
    kept = int(here.copy.stat().st_mtime) if here.copy.exists() else None
    return render_template(
        "desktop/faults.html", shares=SHARES, now=here.faults, kept=kept, error=error
    )
