"""The owner's form (S82–S86): five fields and a consent, all required; a token, no cookie."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

from email_validator import EmailNotValidError
from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.validators import StopValidation, ValidationError

from flask_logivet_rdv.i18n import gettext as _
from flask_logivet_rdv.i18n import lazy_gettext, speaking
from flask_logivet_rdv.web.addresses import parse_email
from flask_logivet_rdv.web.text import one_line, paragraphs, unfit, visible
from flask_logivet_rdv.web.tokens import FormToken

from .typos import HOSTS, suggestion

TYPED = {
    "name": one_line,
    "email": one_line,
    "pet_name": one_line,
    "phone": one_line,
    "reason": paragraphs,
}
"""The fields that people type, and how each is cleaned."""
CONSENT = lazy_gettext(
    "I consent to the use of my personal information for booking an appointment."
)


def parse_phone(text: str) -> str:
    """Return a number, Canadian where it names no country, in E.164; raise ValueError for none."""
    import phonenumbers  # its tables are slow to load, and only a posted form needs them

    try:
        number = phonenumbers.parse(text, "CA")
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("Not a number in use.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class BoundToWidget(CSRF):
    """Protects the form by its signed token, given as ``csrf_context``: no session is needed."""

    signed: str

    def setup_form(self, form: Any) -> Any:
        """Take the token that the form carries from now on."""
        self.signed = form.meta.csrf_context.sign()
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """Return the text of the hidden field."""
        return self.signed

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        """Refuse a text that is not the token's own: its signature was bad."""
        if field.data != self.signed:
            raise ValidationError(
                _("This form was no longer valid. Check your details, then book again.")
            )


def required(form: Form, field: Any) -> None:
    """Refuse an empty field or box with the manual's own sentence (S86)."""
    if field.data is not True and not visible(field.data or ""):
        raise StopValidation(_("{label} is required.", label=field.label.text))


def typed_text(form: Form, field: Any) -> None:
    """Refuse control characters; the field comes back without them."""
    if any(map(unfit, field.raw_data or ())):
        raise StopValidation(
            _(
                "{label} held invisible characters, now removed. Check it, then send again.",
                label=field.label.text,
            )
        )


def at_most(n: int) -> Callable[[Form, Any], None]:
    """Return a validator that refuses more than `n` characters."""

    def check(form: Form, field: Any) -> None:
        if len(field.data) > n:
            raise StopValidation(
                _("{label} cannot exceed {n} characters.", label=field.label.text, n=n)
            )

    return check


class DetailsForm(Form):
    """The form of W2. Made with ``meta={"csrf_context": FormToken}``."""

    class Meta:
        """WTForms' own switches."""

        csrf = True
        csrf_class = BoundToWidget
        csrf_field_name = "token"

    name = StringField(lazy_gettext("Name"), [required, typed_text, at_most(120)], [one_line])
    email = StringField(lazy_gettext("Email address"), [required, typed_text], [one_line])
    pet_name = StringField(
        lazy_gettext("Pet's name"), [required, typed_text, at_most(80)], [one_line]
    )
    phone = StringField(lazy_gettext("Phone number"), [required, typed_text], [one_line])
    reason = TextAreaField(
        lazy_gettext("Reason for the appointment"),
        [required, typed_text, at_most(1000)],
        [paragraphs],
    )
    consent = BooleanField(CONSENT, [required])
    website = StringField()
    """The trap: people do not see it, robots fill it."""
    address = number = ""
    """What the address and the telephone number of a valid form are kept as."""

    def validate_email(self, field: StringField) -> None:
        """Refuse what is no address."""
        try:
            self.address = parse_email(field.data or "")
        except (EmailNotValidError, ValueError) as error:
            raise ValidationError(
                _("Email address is not valid. Example: name@example.ca")
            ) from error

    def validate_phone(self, field: StringField) -> None:
        """Refuse what is no telephone number."""
        try:
            self.number = parse_phone(field.data or "")
        except ValueError as error:
            raise ValidationError(_("Phone number is not valid. Example: 514-555-0134")) from error

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong, in the order of the fields: the field's name and the sentence."""
        return [
            (field.name, str(field.errors[0]))
            for field in self
            if field.errors and field.name != "website"
        ]

    @property
    def suggestion(self) -> str | None:
        """Return the address that was probably meant by the one typed, if another."""
        return suggestion(self.email.data or "")

    @property
    def known_hosts(self) -> str:
        """Return the hosts that the script looks for slips of."""
        return " ".join(HOSTS)

    @property
    def carried(self) -> FormToken:
        """Return the token that the form carries."""
        return cast("FormToken", self.meta.csrf_context)


@cache
def consent_text(lang: str) -> str:
    """Return the consent as it is shown in a language."""
    with speaking(lang):
        return str(CONSENT)


def typed(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed in the fields that people type, cleaned; nothing else is kept."""
    cleaned = {name: clean(fields.get(name)) for name, clean in TYPED.items()}
    return {name: text for name, text in cleaned.items() if text}
