"""S7: LogiVet withdraws what live bookings depend on: hidden at once, and no booking is lost."""

from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from host_example.desktop import catalogue
from host_example.desktop.catalogue import Item
from tests.acceptance.logivet import LogiVet, rows, slots
from tests.support.clinics import DOLITTLE
from tests.support.served import call

WIDGET = "/services/online-appointment"
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
KINDS = {
    "category": ("Examen", "Catégorie retirée malgré des rendez-vous en ligne à venir"),
    "species": ("Canin", "Espèce retirée malgré des rendez-vous en ligne à venir"),
    "resource": (DOLITTLE, "Ressource retirée malgré des rendez-vous en ligne à venir"),
}


@pytest.fixture
def desktop(example, clinic):
    desktop = LogiVet(example.sync_url, clinic)
    desktop.keep_catalogue()
    desktop.send()
    return desktop


@pytest.fixture
def chosen(clinic):
    return {
        "species": str(clinic.species["Canin"]),
        "category": str(clinic.categories["Examen"]),
        "resource": str(clinic.resources[DOLITTLE]),
    }


def page(answer):
    return BeautifulSoup(answer.body, "html.parser")


def listed(example, clinic, chosen):
    """Return the choices that the widget lists."""
    asked = {"widgetId": clinic.account_id, "lang": "fr"} | chosen
    answer = call(f"{example.url}{WIDGET}?{urlencode(asked)}")
    assert answer.status == 200
    return {option["value"] for option in page(answer).select("option[value]")}


def withdraw(desktop, kind, name, how):
    key = desktop.clinic.logivet[f"{kind}:{name}"]
    gone = {"deleted": True} if how == "deleted" else {"active": False}
    with desktop.store.write() as own:
        catalogue.save(own, Item(kind, key, name, name, **gone))
    desktop.send()


@pytest.mark.parametrize("how", ["deleted", "deactivated"])
@pytest.mark.parametrize("kind", KINDS)
def test_s7_hidden_at_once_the_bookings_kept_told_and_cancelled_by_their_link(
    example, clinic, desktop, chosen, kind, how
):
    booking_id = clinic.book(slots(clinic)[-1].start)
    with clinic.app.app_context():
        token = mint_cancel_link(jobs.desk(), clinic.account_id, booking_id)
    assert chosen[kind] in listed(example, clinic, chosen)
    name, subject = KINDS[kind]
    withdraw(desktop, kind, name, how)
    assert chosen[kind] not in listed(example, clinic, chosen)
    assert rows(clinic, Booking.id, Booking.status) == [(booking_id, "confirmed")]
    desktop.receive()
    assert desktop.mirrors().keys() == {str(booking_id)}
    assert desktop.messages() == ["Nouveau rendez-vous en ligne", subject]
    with desktop.store.read() as own:
        told = own.execute("SELECT body FROM message WHERE subject = ?", (subject,)).fetchone()
    assert "Tom, Solutions Vet" in told["body"]

    link = f"{example.url}{WIDGET}/annuler/{token}"
    signature = page(call(link)).find("input", {"name": "signature"})["value"]
    typed = urlencode({"reason": "Tom va mieux", "signature": signature})
    assert call(link, "POST", body=typed, headers=FORM).status in {200, 303}
    desktop.receive()
    assert desktop.mirrors()[str(booking_id)].cancelled
