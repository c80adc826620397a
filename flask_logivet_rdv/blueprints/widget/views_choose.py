"""W1: choose the species, the category and the resource, then a day and a time (S68–S81)."""

from collections.abc import Mapping

from flask import Response, request

from flask_logivet_rdv.state import state
from flask_logivet_rdv.web.kept import Kept, kept_pages
from flask_logivet_rdv.web.tokens import read_draft, sign_draft

from .calendar import look
from .entry import Visit, enter
from .forms import typed
from .frame import PAGE, framed, kept_frame
from .reading import read_wish


def choose() -> Response:
    """Show the lists and, once the three choices are made, the calendar."""
    visit, wish, now = enter(), read_wish(request.args.to_dict()), state().clock()
    if not visit.account.subscribed(int(now.timestamp())):
        return visit.closed("off")
    pages, asked = kept_pages(), (visit.asked, wish)
    body = pages.find(asked, visit.made_of, now)
    if body is not None:
        return Response(body)
    frame = kept_frame(visit, wish)
    view = look(visit, wish, now, frame.lists if frame else None)
    if view is None:
        return visit.closed("off")
    if not view.usual:
        return visit.page(PAGE, **view.shown(), pick=view.pick())
    answer = Response(framed(view, frame))
    pages.keep(asked, Kept(answer.get_data(), visit.made_of, now, view.until))
    return answer


def choose_again() -> Response:
    """Show the same page to an owner who already typed something: it stays in a signed draft."""
    draft = typed(request.form) or typed(read_draft(request.form.get("draft", "")))
    return choosing(enter(), request.form, draft=draft)


def choosing(
    visit: Visit,
    fields: Mapping[str, str],
    *,
    draft: Mapping[str, str] | None = None,
    no_time: bool = False,
) -> Response:
    """Return W1 for what the fields ask; nothing in them makes it fail.

    `no_time` tells that the owner went on without choosing a time (422).
    """
    now = state().clock()
    subscribed = visit.account.subscribed(int(now.timestamp()))
    view = look(visit, read_wish(fields), now) if subscribed else None
    if view is None:
        return visit.closed("off")
    more = {"draft": sign_draft(dict(draft)) if draft else "", "no_time": no_time}
    return visit.page(PAGE, 422 if no_time else 200, **view.shown(), **more, pick=view.pick(**more))
