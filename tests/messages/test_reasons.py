"""Why a time is not offered, in words."""

import pytest

from flask_logivet_rdv.i18n import speaking
from flask_logivet_rdv.messages.reasons import sentence
from flask_logivet_rdv.scheduling.explain import Reason
from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.services.explaining import Explanation


@pytest.mark.parametrize(
    ("step_min", "told"),
    [
        (None, "by the duration of the category."),
        (15, "they start every 15 minutes from the start of the range."),
    ],
)
def test_when_appointments_start_is_said_as_the_portal_has_it(step_min, told):
    with speaking("en"):
        found = sentence(
            Explanation(Reason.NOT_A_START), "America/Toronto", "en", Rules(step_min=step_min)
        )
    assert found.replace("\N{NO-BREAK SPACE}", " ").endswith(told)
