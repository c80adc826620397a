"""The code that a clinic gives to whoever runs its site (S61, S63)."""

import uuid

from flask_logivet_rdv.config import Settings
from flask_logivet_rdv.i18n import words


def widget_code(settings: Settings, widget_id: uuid.UUID, lang: str) -> str:
    """Return the HTML that shows a clinic's widget in a language, with nothing left to escape.

    It begins and ends as the manual prints it; without a title and a size, no one could use it.
    """
    url = settings.widget_url(widget_id, lang)
    title = words(lang).tr("Book an appointment online")
    return (
        f'<iframe src="{url}" title="{title}" '
        'style="width:100%;min-height:720px;border:0"></iframe>'
    )
