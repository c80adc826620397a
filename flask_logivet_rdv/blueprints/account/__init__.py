"""The clinic's account pages, and their entries in the portal's « Compte » menu."""

from flask import Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint

from . import views, views_lists, views_resource
from .access import for_staff
from .menu import nav_items

BOTH = ("GET", "POST")
RESOURCE = "/ressources/<uuid:resource_id>"


def mount(app: Flask, settings: Settings) -> None:
    """Register the pages under their prefix, and ``rdv_nav_items`` for the portal's templates."""
    account = blueprint("account", __name__, settings.account_prefix)
    for rule, name, view, methods in (
        ("/", "home", views.home, BOTH),
        ("/categories", "categories", views_lists.categories, BOTH),
        ("/especes", "species", views_lists.species, BOTH),
        ("/ressources", "resources", views_lists.resources, ("GET",)),
        (f"{RESOURCE}/categories", "offers", views_resource.offers, BOTH),
        (f"{RESOURCE}/disponibilites", "openings", views_resource.openings, BOTH),
        (f"{RESOURCE}/activation", "activation", views_resource.activation, ("POST",)),
    ):
        account.add_url_rule(rule, name, for_staff(view), methods=methods)
    app.add_template_global(nav_items, "rdv_nav_items")
    app.register_blueprint(account)
