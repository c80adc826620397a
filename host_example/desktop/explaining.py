"""What the portal refuses, in words for the people of the clinic."""

from .client import RefusedError

WORDS = {
    "invalid_key": "Clé de synchronisation refusée par le portail. Rien ne passe plus :"
    " vérifiez la clé dans les réglages.",
    "missing_scope": "La clé de synchronisation ne permet pas cette action.",
    "subscription_inactive": "L’abonnement aux rendez-vous en ligne n’est pas actif :"
    " le carnet n’est plus envoyé, les rendez-vous et les messages arrivent encore.",
    "unknown_booking": "Le portail ne connaît pas cette réservation.",
    "slot_taken": "Cette plage est déjà réservée en ligne.",
    "booking_cancelled": "Cette réservation est déjà annulée.",
    "key_replaced": "La clé a déjà été remplacée, et la nouvelle a servi :"
    " demandez une autre clé au portail si elle est perdue.",
    "snapshot_in_progress": "Le portail applique un envoi complet : la suite attend.",
    "in_flight": "Le portail traite encore l’envoi précédent : la suite attend.",
    "too_many_requests": "Le portail demande d’espacer les envois.",
    "unavailable": "Le portail est occupé ou indisponible : nouvel essai sous peu.",
}


def explained(error: RefusedError) -> str:
    """Return why the portal refused, in French where its code is known."""
    if error.status == 401:
        return f"{WORDS['invalid_key']} (401)"
    known = WORDS.get(error.code)
    return known or f"Le portail répond {error.status} {error.code} {error.detail}".strip()
