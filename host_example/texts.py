"""The portal's own words: French, and a small English dictionary."""

from flask_babel import get_locale
from flask_login import current_user

ENGLISH = {
    "Accueil": "Home",
    "Adresse": "Address",
    "Aperçu": "Preview",
    "Aller au contenu": "Skip to content",
    "Bonjour {name}": "Hello {name}",
    "Ce compte n’est rattaché à aucune clinique.": "This account belongs to no clinic.",
    "Ce message a le texte de la clinique.": "This message has the clinic’s text.",
    "Ce message a le texte par défaut de LogiVet.": "This message has LogiVet’s default text.",
    "Clinique": "Clinic",
    "Compte": "Account",
    "Connexion": "Log in",
    "Cette page a expiré": "This page has expired",
    "Consultation": "Read only",
    "Courriel": "Email",
    "Courriel ou mot de passe incorrect.": "Incorrect email or password.",
    "Droits": "Rights",
    "Enregistrer": "Save",
    "Gabarits de courriel": "Email templates",
    "Gérez les rendez-vous que vos clients prennent en ligne.": (
        "Manage the appointments that your clients book online."
    ),
    "Gestion des utilisateurs": "User management",
    (
        "La plupart des programmes de courriel montrent cette version : si vous modifiez le texte,"
        " modifiez-la aussi, ou videz ce champ pour n’envoyer que le texte."
    ): (
        "Most email programs show this version: if you change the text, change it too,"
        " or empty this field to send the text alone."
    ),
    "Le compte de votre clinique sur logivet.cdmv.com.": (
        "Your clinic’s account on logivet.cdmv.com."
    ),
    "Le gabarit est enregistré.": "The template is saved.",
    "Le rendez-vous est inventé.": "The appointment is invented.",
    "Les courriels partiront avec le texte par défaut.": "Emails will leave with the default text.",
    (
        "Les courriels de rendez-vous partent avec le texte par défaut de LogiVet,"
        " ou avec celui que vous écrivez ici."
    ): "Appointment emails leave with LogiVet’s default text, or with the one that you write here.",
    "Les personnes qui peuvent se connecter au compte.": (
        "The people who can log in to the account."
    ),
    "Logiciel vétérinaire pour animaux de compagnie": "Veterinary software for companion animals",
    "Message": "Message",
    "Modification": "May edit",
    "Mot de passe": "Password",
    "Nom": "Name",
    "Revenir au texte par défaut": "Back to the default text",
    "Rien n’a été enregistré : corrigez ce qui est signalé ci-dessous.": (
        "Nothing was saved: correct what is pointed out below."
    ),
    "Rien n’a été enregistré. Revenez en arrière, rechargez la page et recommencez.": (
        "Nothing was saved. Go back, reload the page and try again."
    ),
    "Objet": "Subject",
    "Ouvrir le compte": "Open the account",
    "Ouvrez une clinique et donnez une clé à son LogiVet.": (
        "Open a clinic and give its LogiVet a key."
    ),
    "Page introuvable": "Page not found",
    "Rendez-vous en ligne": "Online appointments",
    "Se connecter": "Log in",
    "Se déconnecter": "Log out",
    "Soutien LogiVet": "LogiVet support",
    "Téléphone": "Phone",
    "Texte": "Text",
    "Texte de la clinique": "The clinic’s text",
    "Texte par défaut": "Default text",
    "Texte par défaut de LogiVet": "LogiVet’s default text",
    "Une variable, entre accolades, est remplacée par ce qu’elle donne.": (
        "A placeholder, in braces, is replaced by what it gives."
    ),
    "Variables": "Placeholders",
    "Version HTML": "HTML version",
    "Vous pouvez le lire, mais pas le modifier.": "You may read it, but not change it.",
    "Vous êtes déconnecté.": "You are logged out.",
    "anglais": "English",
    "français": "French",
}


def locale() -> str:
    """Return the language of the person who is logged in; French for anybody else."""
    return current_user.locale if current_user and current_user.is_authenticated else "fr"


def say(french: str, **values: str) -> str:
    """Return one of the portal's texts in the language of the request, its `{values}` filled."""
    english = str(get_locale()).startswith("en")
    return (ENGLISH[french] if english else french).format(**values)
