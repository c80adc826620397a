"""The sample data: the manual's clinic and an owner with a dog. None of it is translated."""

from flask_logivet_rdv.host import ClinicFacts
from flask_logivet_rdv.scheduling.opening import Opening

CATALOGUE = {
    "category": {
        "Chirurgie": "Surgery",
        "Consultation comportementale": "Behavioral Consultation",
        "Dentisterie": "Dentistry",
        "Euthanasie": "Euthanasia",
        "Examen": "Exam",
    },
    "species": {
        "Autre": "Other",
        "Aviaire": "Avian",
        "Canin": "Canine",
        "Félin": "Feline",
        "Reptile": "Reptile",
        "Rongeur": "Rodent",
    },
    "resource": {
        "Dr Gregory House": "Dr Gregory House",
        "Dr John Dolittle": "Dr John Dolittle",
        "Technicien(nes)": "Technicians",
    },
}
"""What LogiVet sent, by kind, in French and English."""
DOLITTLE, HOUSE, TECHNICIANS = "Dr John Dolittle", "Dr Gregory House", "Technicien(nes)"
DURATIONS = {"Consultation comportementale": 45, "Examen": 30}
CATEGORIES_OF = {"Canin": ("Consultation comportementale", "Examen"), "Félin": ("Examen",)}
WEEK = [
    Opening(day, 60 * start, 60 * end)
    for day, start, end in ((1, 9, 11), (1, 13, 16), (2, 13, 16), (3, 10, 12), (4, 9, 11))
]
DOMAIN = "clinique.exemple.ca"
STAFF, COLLEAGUE, SUPPORT = "Zoé L'Écuyer", "Samuel Gagnon", "Soutien LogiVet"
OWNER = {
    "name": "Marie Tremblay",
    "email": "marie@exemple.ca",
    "pet_name": "Tom",
    "phone": "514 555-0134",
    "reason": "Vaccin annuel",
}
CANCEL_REASON = "Tom va mieux"


def clinic_facts(locale: str) -> ClinicFacts:
    """Return what the portal says of the clinic, which reads a language."""
    return ClinicFacts(
        name_fr="Clinique P&C",
        name_en="P&C Clinic",
        phone="514 555-0134",
        address="1250, rue Fleury Est, Montréal",
        email="info@exemple.ca",
        time_zone="America/Toronto",
        locale=locale,
        accent="#35513f",
    )
