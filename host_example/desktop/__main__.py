"""``python -m host_example.desktop``: a LogiVet of its own, against any portal."""

import argparse
import logging
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from .faults import MAX_SKEW_S, SHARES, Faults
from .keyring import is_key
from .serving import Options, run


def portal_url(text: str) -> str:
    """Return ``text`` if it is an absolute http(s) URL without query; else an argument error."""
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise argparse.ArgumentTypeError(
            f"{text!r} n'est pas l'adresse d'un portail, par exemple"
            " http://127.0.0.1:8700/api/logivet/v1"
        )
    return text.rstrip("/")


def sync_key(text: str) -> str:
    """Return ``text`` if it has the form of a sync key; else an argument error."""
    if not is_key(text):
        raise argparse.ArgumentTypeError(
            "la clé de synchronisation a la forme rdv_<identifiant>_<secret>"
        )
    return text


def share(text: str) -> float:
    """Return ``text`` as a probability; else an argument error."""
    if not 0 <= (value := float(text)) <= 1:
        raise argparse.ArgumentTypeError("de 0 à 1")
    return value


def seconds(text: str) -> int:
    """Return ``text`` as seconds that a clock may be off; else an argument error."""
    if abs(value := int(text)) > MAX_SKEW_S:
        raise argparse.ArgumentTypeError("au plus dix ans")
    return value


def slug(text: str) -> str:
    """Return ``text`` if it may stand in an address; else an argument error."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", text):
        raise argparse.ArgumentTypeError("minuscules, chiffres et tirets seulement")
    return text


def options(arguments: Sequence[str] | None = None) -> Options:
    """Return the options of a command line; exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m host_example.desktop", description=__doc__)
    parser.add_argument("--url", type=portal_url, required=True, help="base de l'API du portail")
    parser.add_argument("--key", type=sync_key, required=True, help="clé rdv_… de la clinique")
    parser.add_argument("--data", type=Path, required=True, help="fichier SQLite de l'agenda")
    parser.add_argument("--port", type=int, default=8702, help="port des pages (8702)")
    parser.add_argument("--slug", type=slug, default="clinique", help="début de leur adresse")
    parser.add_argument("--demo", choices=("first", "second", "none"), default="none",
                        help="données d'exemple d'un agenda neuf")  # fmt: skip
    _add_faults(parser)
    given = vars(parser.parse_args(arguments))
    wrong = {name: given.pop(name) for name in (*SHARES, "offline", "skew")}
    faults = Faults(**wrong, random=Random(given.pop("seed")))  # noqa: S311
    return Options(**given, faults=faults)


def _add_faults(parser: argparse.ArgumentParser) -> None:
    """Add the options that make it misbehave; each may be changed later on its page « Pannes »."""
    add = parser.add_argument_group("pannes voulues").add_argument
    for name, what in SHARES.items():
        add(f"--{name.replace('_', '-')}", type=share, default=0.0, metavar="P",
            help=f"part des {what}, de 0 à 1")  # fmt: skip
    add("--offline", action="store_true", help="rien ne passe")
    add("--skew", type=seconds, default=0, metavar="S", help="secondes d'avance de l'horloge")
    add("--seed", type=int, metavar="N", help="mêmes pannes à chaque départ")


def main() -> None:
    """Run until stopped; exits with a message when the port or the file cannot be had."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chosen = options()
    try:
        run(chosen)
    except (OSError, OverflowError) as error:
        raise SystemExit(f"Impossible de démarrer sur le port {chosen.port} : {error}") from None
    except sqlite3.Error as error:
        raise SystemExit(f"Impossible d'ouvrir {chosen.data} : {error}") from None


if __name__ == "__main__":
    main()
