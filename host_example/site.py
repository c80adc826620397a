"""A clinic's own web site: static pages, on another origin, that embed the widget."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, abort, render_template, request
from markupsafe import Markup

from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.widget_code import widget_code

from .models import Clinic

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Site:
    """What a clinic's page shows; `frames` has the code of the widget by language, fr and en."""

    slug: str
    name_fr: str
    name_en: str
    phone: str
    address: str
    email: str
    accent: str
    frames: dict[str, Markup]


def site_of(clinic: Clinic, widget_id: uuid.UUID) -> Site:
    """Return the site of a clinic; needs an application context of the portal."""
    settings = state().settings
    return Site(
        slug=clinic.slug,
        name_fr=clinic.name_fr,
        name_en=clinic.name_en,
        phone=clinic.phone,
        address=clinic.address,
        email=clinic.email,
        accent=clinic.accent,
        frames={
            # Nothing that anybody typed is in it.
            lang: Markup(widget_code(settings, widget_id, lang))  # noqa: S704
            for lang in LANGUAGES
        },
    )


def create_site(sites: Sequence[Site]) -> Flask:
    """Return the application: `/<slug>/` for each clinic, and `/` for the first.

    `?lang=en` is the English page, with the English widget. No cookie, no script of its own.
    """
    app = Flask(__name__)
    by_slug = {site.slug: site for site in sites}

    @app.get("/")
    @app.get("/<slug>/")
    def page(slug: str = sites[0].slug) -> str:
        if slug not in by_slug:
            abort(404)
        site, english = by_slug[slug], request.args.get("lang") == "en"
        return render_template(
            "site/en.html" if english else "site/fr.html",
            site=site,
            lang="en" if english else "fr",
            name=site.name_en if english else site.name_fr,
        )

    return app
