"""An address whose host is one slip of the hand away from a well-known one (« gmial.com »)."""

HOSTS = (
    "gmail.com", "hotmail.com", "hotmail.ca", "hotmail.fr", "outlook.com", "outlook.fr",
    "yahoo.com", "yahoo.ca", "yahoo.fr", "icloud.com", "live.ca", "live.com", "videotron.ca",
    "sympatico.ca", "bell.net", "cogeco.ca", "protonmail.com", "ymail.com", "mail.com",
)  # fmt: skip
"""What people here write most; the widget's script is given the same list."""


def suggestion(address: str) -> str | None:
    """Return the address that was probably meant, or None: this one may well be right."""
    name, _, host = address.strip().rpartition("@")
    host = host.lower()
    if not name or host in HOSTS:
        return None
    meant = next((known for known in HOSTS if _one_slip(host, known)), None)
    return f"{name}@{meant}" if meant else None


def _one_slip(typed: str, known: str) -> bool:
    """Tell whether one letter is missing, added, another one, or swapped with its neighbour."""
    shorter = min(len(typed), len(known))
    same = range(shorter)
    start = next((n for n in same if typed[n] != known[n]), shorter)
    rest = range(shorter - start)
    end = next((n for n in rest if typed[-1 - n] != known[-1 - n]), len(rest))
    a, b = typed[start : len(typed) - end], known[start : len(known) - end]
    return max(len(a), len(b)) == 1 or (len(a) == 2 and a == b[::-1])
