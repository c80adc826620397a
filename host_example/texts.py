"""The portal's own words: French, and a small English dictionary."""

from flask_babel import get_locale
from flask_login import current_user

ENGLISH = {
    "Accueil": "Home",
    "Adresse": "Address",
    "Aller au contenu": "Skip to content",
    "Bonjour {name}": "Hello {name}",
    "Ce compte n’est rattaché à aucune clinique.": "This account belongs to no clinic.",
    "Clinique": "Clinic",
    "Compte": "Account",
    "Connexion": "Log in",
    "Cette page a expiré": "This page has expired",
    "Consultation": "Read only",
    "Courriel": "Email",
    "Courriel ou mot de passe incorrect.": "Incorrect email or password.",
    "Droits": "Rights",
    "Gabarits de courriel": "Email templates",
    "Gérez les rendez-vous que vos clients prennent en ligne.": (
        "Manage the appointments that your clients book online."
    ),
    "Gestion des utilisateurs": "User management",
    "Le compte de votre clinique sur logivet.cdmv.com.": (
        "Your clinic’s account on logivet.cdmv.com."
    ),
    (
        "Les courriels de rendez-vous utilisent les textes par défaut de LogiVet,"
        " en français et en anglais."
    ): "Appointment emails use LogiVet’s default texts, in French and English.",
    "Les personnes qui peuvent se connecter au compte.": (
        "The people who can log in to the account."
    ),
    "Message": "Message",
    "Modification": "May edit",
    "Mot de passe": "Password",
    "Nom": "Name",
    "Rien n’a été enregistré. Revenez en arrière, rechargez la page et recommencez.": (
        "Nothing was saved. Go back, reload the page and try again."
    ),
    "Ouvrir le compte": "Open the account",
    "Page introuvable": "Page not found",
    "Rendez-vous en ligne": "Online appointments",
    "Se connecter": "Log in",
    "Se déconnecter": "Log out",
    "Soutien LogiVet": "LogiVet support",
    "Téléphone": "Phone",
    "Textes par défaut": "Default texts",
    "Vous êtes déconnecté.": "You are logged out.",
    "Annulation du rendez-vous": "Appointment cancelled",
    "Confirmation du rendez-vous": "Appointment confirmed",
    "Déplacement du rendez-vous": "Appointment moved",
}


def locale() -> str:
    """Return the language of the person who is logged in; French for anybody else."""
    return current_user.locale if current_user and current_user.is_authenticated else "fr"


def say(french: str, **values: str) -> str:
    """Return one of the portal's texts in the language of the request, its `{values}` filled."""
    english = str(get_locale()).startswith("en")
    return (ENGLISH[french] if english else french).format(**values)
