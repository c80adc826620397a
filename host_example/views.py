"""The portal's own pages: login, home, and the first entry of « Compte »."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .extensions import rdv
from .models import User, db
from .texts import say

portal = Blueprint("portal", __name__)
OPEN = frozenset({"portal.log_in", "static", "bootstrap.static", "monitoring.show"})
Page = str | tuple[str, int] | Response


def wall() -> Response | None:
    """Send whoever is not logged in to the login page, but for the package's public pages."""
    if request.endpoint in OPEN or rdv.is_public(request) or current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("portal.log_in", next=wanted))


def safe_next(target: str | None) -> str:
    """Return `target` if it is a path of this site, else the home page's path.

    Browsers read a backslash as a slash and skip control characters, so neither is allowed.
    """
    home = url_for("portal.home")
    if not target or not target.isprintable() or "\\" in target:
        return home
    parts = urlsplit(target)
    inside = target.startswith("/") and not parts.scheme and not parts.netloc
    return target if inside and not target.startswith("//") else home


@portal.route("/connexion", methods=["GET", "POST"])
def log_in() -> Page:
    """Log a person in by `email` and `password`, then go to `next`."""
    if request.method == "GET":
        return render_template("portal/login.html", email="", wrong=False)
    email = request.form.get("email", "").strip().lower()
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None or not user.has_password(request.form.get("password", "")):
        return render_template("portal/login.html", email=email, wrong=True), 422
    login_user(user)
    return redirect(safe_next(request.args.get("next")), 303)


@portal.post("/deconnexion")
def log_out() -> Response:
    """Log out."""
    logout_user()
    flash(say("Vous êtes déconnecté."))
    return redirect(url_for("portal.log_in"), 303)


@portal.get("/")
def home() -> str:
    """Show the way to the account."""
    return render_template("portal/home.html")


@portal.get("/compte")
def account() -> str:
    """Show the clinic, as mails and pages name it."""
    return render_template("portal/account.html", clinic=current_user.clinic)


@portal.get("/compte/utilisateurs")
def users() -> str:
    """List who may log in for the clinic; for LogiVet's support, everybody."""
    wanted = select(User).order_by(User.name)
    if not current_user.is_support:
        wanted = wanted.where(User.clinic_id == current_user.clinic_id)
    return render_template("portal/users.html", users=db.session.scalars(wanted).all())


def not_found(_error: HTTPException) -> Page:
    """Show the portal's own 404 page."""
    return render_template("portal/not_found.html"), 404


def expired(_error: HTTPException) -> Page:
    """Say that a form is too old to be sent; whoever is logged out logs in first."""
    return wall() or (render_template("portal/expired.html"), 400)
