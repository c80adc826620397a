"""The clinic's account pages, and their entries in the portal's « Compte » menu."""

from flask import Blueprint, Flask

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.web.pages import blueprint

from . import (
    views,
    views_history,
    views_lists,
    views_mails,
    views_offers,
    views_personal,
    views_resource,
    views_support,
    views_week,
    views_why,
)
from . import views_support_clinic as on_clinic
from .access import for_staff, for_support
from .menu import nav_items

BOTH = ("GET", "POST")
RESOURCE = "/ressources/<uuid:resource_id>"
SUPPORT = "/soutien"
CLINIC = f"{SUPPORT}/<uuid:account_id>"


def mount(app: Flask, settings: Settings) -> None:
    """Register the pages under their prefix, and ``rdv_nav_items`` for the portal's templates."""
    account = blueprint("account", __name__, settings.account_prefix)
    for rule, name, view, methods in (
        ("/", "home", views.home, BOTH),
        ("/categories", "categories", views_lists.categories, BOTH),
        ("/especes", "species", views_lists.species, BOTH),
        ("/ressources", "resources", views_lists.resources, ("GET",)),
        (f"{RESOURCE}/categories", "offers", views_offers.offers, BOTH),
        (f"{RESOURCE}/disponibilites", "openings", views_week.openings, BOTH),
        (f"{RESOURCE}/activation", "activation", views_resource.activation, ("POST",)),
        ("/historique", "history", views_history.history, ("GET",)),
        ("/pourquoi", "why", views_why.why, ("GET",)),
        ("/courriels", "mails", views_mails.mails, ("GET",)),
        ("/courriels/<uuid:mail_id>/renvoi", "mail_again", views_mails.again, ("POST",)),
        ("/renseignements", "personal", views_personal.personal, BOTH),
    ):
        account.add_url_rule(rule, name, for_staff(view), methods=methods)
    _mount_support(account)
    app.add_template_global(nav_items, "rdv_nav_items")
    app.register_blueprint(account)


def _mount_support(account: Blueprint) -> None:
    """Add the pages of LogiVet's support."""
    for rule, name, view, methods in (
        (SUPPORT, "support", views_support.clinics, ("GET",)),
        (f"{SUPPORT}/ouvrir", "support_open", views_support.opening, BOTH),
        (CLINIC, "support_clinic", on_clinic.clinic, ("GET",)),
        (f"{CLINIC}/abonnement", "support_subscription", on_clinic.subscription, ("POST",)),
        (f"{CLINIC}/cles", "support_keys", on_clinic.new_key, ("POST",)),
        (f"{CLINIC}/cles/<key_id>/revocation", "support_key", on_clinic.revocation, ("POST",)),
    ):
        account.add_url_rule(rule, name, for_support(view), methods=methods)
