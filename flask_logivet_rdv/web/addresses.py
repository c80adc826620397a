"""E-mail addresses that people type."""

from email_validator import validate_email

LONGEST_EMAIL = 254


def parse_email(text: str) -> str:
    """Return an address as it is mailed; raise ValueError when it is none."""
    if len(text) > LONGEST_EMAIL:
        raise ValueError("Too long for an address.")
    found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    return found.ascii_email or found.normalized
