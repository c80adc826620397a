"""LogiVet's settings: its categories, species and resources, which the portal only shows."""

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from . import catalogue
from .catalogue import Item
from .desk import desk
from .keyring import is_key
from .store import CATALOGUE, Kind

bp = Blueprint("settings", __name__)
TITLES: dict[Kind, str] = {
    "category": "Catégories de rendez-vous",
    "species": "Gestion des espèces",
    "resource": "Ressources",
}


@bp.get("/reglages")
def settings_page() -> str:
    """Show the three lists, each row a form, the last one empty to add."""
    return _page()


@bp.post("/reglages/cle/remplacer")
def replace_key() -> Response:
    """Have the portal replace the key; it is done as soon as the portal answers."""
    desk().sync.keys.wish()
    return _to_key()


@bp.post("/reglages/cle")
def use_key() -> Response | tuple[str, int]:
    """Go on with the key of field ``key``, or without it try the present one again."""
    key = request.form.get("key", "").strip()
    if key and not is_key(key):
        return _page("La clé de synchronisation a la forme rdv_<identifiant>_<secret>."), 422
    if key:
        desk().sync.keys.use(key)
    desk().sync.go_on()
    return _to_key()


@bp.post("/reglages/<kind>")
def change(kind: str) -> Response | tuple[str, int]:
    """Save (``op=save``), delete (``op=delete``) the row of field ``id``, or add one without it."""
    if kind not in CATALOGUE:
        abort(404)
    with desk().store.write() as db:
        row_id = request.form.get("id") or catalogue.new_id(db, kind)
        before = catalogue.item(db, kind, row_id)
        row = _read(before or Item(kind, row_id, "", "", position=_position(row_id)))
        if row.deleted and before is None:
            abort(404)
        if row.fr or row.en:
            catalogue.save(db, row)
    if not (row.fr or row.en):
        return _page("Indiquez au moins un nom."), 422
    return redirect(url_for("settings.settings_page", _anchor=kind), 303)


def _read(base: Item) -> Item:
    if request.form.get("op") == "delete":
        return replace(base, deleted=True)
    fr, en, short_fr, short_en = (
        request.form.get(name, "").strip()[:120] for name in ("fr", "en", "short_fr", "short_en")
    )
    return replace(
        base,
        fr=fr,
        en=en,
        short_fr=short_fr,
        short_en=short_en,
        active="active" in request.form,
        deleted=False,
    )


def _to_key() -> Response:
    return redirect(url_for("settings.settings_page", _anchor="cle"), 303)


def _position(row_id: str) -> int:
    return int(row_id) if row_id.isdecimal() else 0


def _page(error: str = "") -> str:
    with desk().store.read() as db:
        lists = {kind: catalogue.items(db, kind) for kind in CATALOGUE}
    return render_template(
        "desktop/settings.html",
        lists=lists,
        titles=TITLES,
        error=error,
        keys=desk().sync.keys,
        stopped=desk().sync.status.stopped,
    )
