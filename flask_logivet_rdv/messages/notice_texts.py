"""The sentences of notices, by what happened; `notices` chooses and fills them."""

from flask_logivet_rdv.i18n import lazy_gettext

# Texts of one event, the fullest first: the first one whose every word is still known is used.
DESCRIPTIONS = {
    "booking.created": (
        lazy_gettext(
            "Online appointment, booked on {told_date} at {told_time}. Pet: {pet} ({species})."
            " Reason: {reason}. Phone: {tel}. Email: {email}."
        ),
        lazy_gettext("Online appointment, booked on {told_date} at {told_time}."),
    ),
    "booking.cancelled": (
        lazy_gettext(
            "Appointment cancelled online by the client on {told_date} at {told_time}."
            " Reason: {cancel_reason}"
        ),
        lazy_gettext("Appointment cancelled online by the client on {told_date} at {told_time}."),
    ),
    "booking.cancelled.clinic": (
        lazy_gettext(
            "Appointment cancelled by the clinic on {told_date} at {told_time}."
            " Reason: {cancel_reason}"
        ),
        lazy_gettext("Appointment cancelled by the clinic on {told_date} at {told_time}."),
    ),
    "booking.moved": (
        lazy_gettext(
            "Appointment moved by the clinic on {told_date} at {told_time}. Former date:"
            " {was_date}, {was_h1} to {was_h2}."
        ),
        lazy_gettext("Appointment moved by the clinic on {told_date} at {told_time}."),
    ),
}
ERASED = lazy_gettext("The information of this appointment was erased.")
MESSAGES = {
    "booking.created": (
        lazy_gettext("New online appointment"),
        lazy_gettext(
            "{name} booked for {pet} ({species}): {category}, {date}, {h1} to {h2}, with"
            " {resource}. Phone: {tel}. Email: {email}. Reason: {reason}"
        ),
        lazy_gettext("{category}, {date}, {h1} to {h2}, with {resource}."),
    ),
    "booking.cancelled": (
        lazy_gettext("Online appointment cancelled"),
        lazy_gettext(
            "{name} cancelled {pet}'s appointment of {date} at {h1} with {resource}."
            " Reason for cancellation: {cancel_reason}"
        ),
        lazy_gettext("The appointment of {date} at {h1} with {resource} was cancelled."),
    ),
    "booking.cancelled.clinic": (
        lazy_gettext("Online appointment cancelled by the clinic"),
        lazy_gettext(
            "The clinic cancelled the appointment of {name} for {pet}, {date} at {h1} with"
            " {resource}. Phone: {tel}. Reason for cancellation: {cancel_reason}"
        ),
        lazy_gettext(
            "The clinic cancelled the appointment of {name} for {pet}, {date} at {h1} with"
            " {resource}. Phone: {tel}."
        ),
        lazy_gettext("The appointment of {date} at {h1} with {resource} was cancelled."),
    ),
    "booking.moved": (
        lazy_gettext("Online appointment moved"),
        lazy_gettext(
            "The clinic moved the appointment of {name} for {pet}: {date}, {h1} to {h2}, with"
            " {resource} (former date: {was_date}, {was_h1} to {was_h2})."
        ),
        lazy_gettext("{category}, {date}, {h1} to {h2}, with {resource}."),
    ),
    "booking.conflict": (
        lazy_gettext("Online appointment in conflict with the agenda"),
        lazy_gettext(
            "A busy range of the agenda overlaps the online appointment of {name} for {pet},"
            " {date}, {h1} to {h2}, with {resource}. The appointment is kept. Phone: {tel}."
            " Email: {email}."
        ),
        lazy_gettext(
            "A busy range of the agenda overlaps the online appointment of {date}, {h1} to {h2},"
            " with {resource}. The appointment is kept."
        ),
    ),
    "notice.undelivered.confirmation": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The confirmation email could not be delivered to {email}: appointment of {name} for"
            " {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The confirmation email could not be delivered: appointment of {date} at {h1} with"
            " {resource}."
        ),
    ),
    "notice.undelivered.cancellation": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The cancellation email could not be delivered to {email}: appointment of {name} for"
            " {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The cancellation email could not be delivered: appointment of {date} at {h1} with"
            " {resource}."
        ),
    ),
    "notice.undelivered.cancelled_by_clinic": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The email that tells of a cancellation by the clinic could not be delivered to"
            " {email}: appointment of {name} for {pet}, {date} at {h1} with {resource}."
            " Phone: {tel}."
        ),
        lazy_gettext(
            "The email that tells of a cancellation by the clinic could not be delivered:"
            " appointment of {date} at {h1} with {resource}."
        ),
    ),
    "notice.undelivered.moved_by_clinic": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The email that tells of a move by the clinic could not be delivered to {email}:"
            " appointment of {name} for {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The email that tells of a move by the clinic could not be delivered: appointment of"
            " {date} at {h1} with {resource}."
        ),
    ),
    "notice.undelivered.reminder": (
        lazy_gettext("Email not delivered"),
        lazy_gettext(
            "The reminder email could not be delivered to {email}: appointment of {name} for"
            " {pet}, {date} at {h1} with {resource}. Phone: {tel}."
        ),
        lazy_gettext(
            "The reminder email could not be delivered: appointment of {date} at {h1} with"
            " {resource}."
        ),
    ),
    "notice.mail_text": (
        lazy_gettext("Email template to correct"),
        lazy_gettext(
            "The clinic's own text of the email “{message}” ({language}) cannot be sent."
            " {field}: {problem} Until it is corrected in the portal, these emails leave with"
            " LogiVet's default text."
        ),
        lazy_gettext(
            "The clinic's own text of an email cannot be sent. Until it is corrected in the"
            " portal, these emails leave with LogiVet's default text."
        ),
    ),
    "notice.misplaced": (
        lazy_gettext("Agenda entry different from the online appointment"),
        lazy_gettext(
            "The agenda entry of the online appointment of {name} for {pet} was changed"
            " ({busy_date}, {busy_h1} to {busy_h2}), but the appointment is still {date}, {h1} to"
            " {h2}, with {resource}, and the client was told nothing. Move the appointment, or put"
            " the entry back."
        ),
        lazy_gettext(
            "The agenda entry of an online appointment was changed, but the appointment is still"
            " {date}, {h1} to {h2}, with {resource}. Move the appointment, or put the entry back."
        ),
    ),
    "notice.unknown": (
        lazy_gettext("Unknown online appointment in the agenda"),
        lazy_gettext(
            "An entry of the agenda ({busy_date}, {busy_h1} to {busy_h2}) says that it is an online"
            " appointment that the portal does not know. It takes its time like any other entry."
        ),
    ),
    "notice.clock.ahead": (
        lazy_gettext("Check LogiVet's clock"),
        lazy_gettext(
            "The clock of the computer on which LogiVet runs is about {duration} ahead."
            " The portal's clock decides for online appointments."
        ),
    ),
    "notice.clock.behind": (
        lazy_gettext("Check LogiVet's clock"),
        lazy_gettext(
            "The clock of the computer on which LogiVet runs is about {duration} behind."
            " The portal's clock decides for online appointments."
        ),
    ),
    "notice.zone": (
        lazy_gettext("The time on the clock has changed for online appointments"),
        lazy_gettext(
            "The rules of a time zone have changed: these appointments are no longer at the time"
            " that their clients were told. Nothing was changed: call the clients, or move the"
            " appointments: {clocks}."
        ),
    ),
    "notice.gone.category": (
        lazy_gettext("Category withdrawn with online appointments to come"),
        lazy_gettext(
            "The category {label} was deleted or deactivated in LogiVet, and is no longer offered"
            " online. The appointments are kept: {listed}."
        ),
    ),
    "notice.gone.species": (
        lazy_gettext("Species withdrawn with online appointments to come"),
        lazy_gettext(
            "The species {label} was deleted or deactivated in LogiVet, and is no longer offered"
            " online. The appointments are kept: {listed}."
        ),
    ),
    "notice.gone.resource": (
        lazy_gettext("Resource withdrawn with online appointments to come"),
        lazy_gettext(
            "The resource {label} was deleted or deactivated in LogiVet, and is no longer offered"
            " online. The appointments are kept: {listed}."
        ),
    ),
}
NOTHING_LEFT = lazy_gettext("There is nothing left to do.")
UNFORESEEN = (
    lazy_gettext("Online appointments"),
    lazy_gettext("Something happened that this message cannot tell. Check the agenda."),
)
