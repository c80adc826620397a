"""Why a time is not offered, in words, for the account and for the operator."""

from flask_logivet_rdv.i18n import current_language, lazy_gettext, local, words
from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.scheduling.explain import Reason
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.rules import Rules
from flask_logivet_rdv.services.explaining import Explanation

OFFERED = lazy_gettext("This time is offered: nothing stands in the way.")
SENTENCES = {
    Reason.SUBSCRIPTION: lazy_gettext("The clinic's subscription is not active."),
    Reason.SPECIES_GONE: lazy_gettext("The species was deleted or deactivated in LogiVet."),
    Reason.SPECIES_OFF: lazy_gettext("The species is not online."),
    Reason.CATEGORY_GONE: lazy_gettext("The category was deleted or deactivated in LogiVet."),
    Reason.CATEGORY_OFF: lazy_gettext("The category is not online."),
    Reason.NOT_LINKED: lazy_gettext("The category is not associated with the species."),
    Reason.RESOURCE_GONE: lazy_gettext("The resource was deleted or deactivated in LogiVet."),
    Reason.RESOURCE_OFF: lazy_gettext("The resource is not enabled."),
    Reason.SPECIES_NOT_SEEN: lazy_gettext("The species is not online for this resource."),
    Reason.CATEGORY_NOT_OFFERED: lazy_gettext(
        "The resource does not offer this category for this species."
    ),
    Reason.NO_HOURS: lazy_gettext("The resource has no online availability at all."),
    Reason.CLOSED: lazy_gettext(
        "The visit does not fit in the resource's online availability of that day."
    ),
    Reason.NOT_A_START: lazy_gettext(
        "The resource is available, but no appointment starts at that time: they follow one another"
        " from the start of the range, by the duration of the category."
    ),
}
KINDS = {
    "appointment": lazy_gettext("An appointment of the LogiVet agenda takes the time {range}."),
    "note": lazy_gettext("A note of the LogiVet agenda takes the time {range}."),
    "unavailability": lazy_gettext(
        "An unavailability of the LogiVet agenda takes the time {range}."
    ),
    "reservation": lazy_gettext("Reserved time of the LogiVet agenda takes the time {range}."),
}
BOOKED = lazy_gettext("An online appointment takes the time {range}.")


def sentence(explained: Explanation, zone_name: str, lang: str, rules: Rules) -> str:
    """Return why a time is not offered, in the language being spoken; times in a zone."""
    if explained.reason is None:
        return str(OFFERED)
    if said := _of_rules(explained.reason, rules):
        return said
    if explained.taken is None:
        return str(SENTENCES[explained.reason])
    text = BOOKED if explained.kind is None else KINDS.get(explained.kind, KINDS["appointment"])
    return str(text).format(range=_range(explained.taken, zone_name, lang))


def _of_rules(reason: Reason, rules: Rules) -> str:
    """Return what is said with the figure of a rule, nothing for any other reason."""
    trn = words(current_language()).trn
    if reason is Reason.TOO_SOON:
        return trn(
            "It is too late to book this time online: appointments cannot be booked less than"
            " {n} hour in advance.",
            "It is too late to book this time online: appointments cannot be booked less than"
            " {n} hours in advance.",
            rules.min_notice_s // 3600,
        )
    if reason is Reason.TOO_FAR:
        return trn(
            "It is too early to book this time online: appointments cannot be booked more than"
            " {n} month in advance.",
            "It is too early to book this time online: appointments cannot be booked more than"
            " {n} months in advance.",
            rules.months_ahead,
        )
    if reason is Reason.NOT_A_START and rules.step_min:
        return _(
            "The resource is available, but no appointment starts at that time: they start every"
            " {n} minutes from the start of the range.",
            n=rules.step_min,
        )
    return ""


def _range(taken: Range, zone_name: str, lang: str) -> str:
    """Return « de 10 h à 10 h 30 », with the dates of a range of several days."""
    spoken, start, end = words(lang), local(taken.start, zone_name), local(taken.end, zone_name)
    if start.date() == end.date():
        return _("from {h1} to {h2}", h1=spoken.time(start), h2=spoken.time(end))
    return _(
        "from {date1}, {h1} to {date2}, {h2}",
        date1=spoken.plain_date(start.date()),
        h1=spoken.time(start),
        date2=spoken.plain_date(end.date()),
        h2=spoken.time(end),
    )
