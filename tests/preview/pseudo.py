"""A language that no one speaks: each word of each sentence accented and 40 % longer.

`[Ƀóóķ~~ áñ~ …]`: the brackets tell where a sentence ends, the accents what went by the catalogue.
"""

import math
import re
from pathlib import Path
from string import ascii_letters

from babel.messages.catalog import Catalog

from flask_logivet_rdv.catalogues import files

LANG = "es"
"""Its folder's name: dates, zones and the like are Babel's, which has to know the language."""
ACCENTED = str.maketrans(ascii_letters, "áƀçďéƒǧĥíĵķłɱñóƥɋŕšţúṽŵẋýžÁɃÇĎÉƑǦĤÍĴĶŁⱮÑÓƤɊŔŠŢÚṼŴẊÝŽ")
KEPT = re.compile(r"(\{\w*\}|</?\w[^>]*>|&\w+;)")
WORD = re.compile(r"[A-Za-z]+")


def longer(word: re.Match[str]) -> str:
    return word[0].translate(ACCENTED) + "~" * math.ceil(len(word[0]) * 0.4)


def spoken(sentence: str) -> str:
    parts = KEPT.split(sentence)
    said = (part if n % 2 else WORD.sub(longer, part) for n, part in enumerate(parts))
    return f"[{''.join(said)}]"


def add_language(folder: Path) -> None:
    """Add the language to a folder of catalogues, as a translator does: by a folder."""
    path = files.catalogue(folder, LANG)
    path.parent.mkdir(parents=True)
    catalog = Catalog(locale=LANG)
    for message in files.read(files.template(folder)):
        if message.id:
            said = tuple(map(spoken, files.forms(message.id)))
            one = said[0] if isinstance(message.id, str) else _plural(*said, catalog.num_plurals)
            catalog.add(message.id, one, context=message.context)
    files.write(catalog, path)


def _plural(one: str, many: str, count: int) -> tuple[str, ...]:
    return one, *[many] * (count - 1)
