"""What a clinic's own HTML may hold in a mail: words and looks, nothing that runs or is fetched."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .placeholders import IN_BRACES

ELEMENTS = frozenset(
    {
        "a", "abbr", "address", "article", "b", "blockquote", "body", "br", "caption",
        "center", "code", "col", "colgroup", "dd", "div", "dl", "dt", "em", "font",
        "footer", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i",
        "li", "main", "meta", "ol", "p", "pre", "s", "section", "small", "span", "strong",
        "style", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "title",
        "tr", "u", "ul",
    }
)  # fmt: skip
ATTRIBUTES = frozenset(
    {
        "align", "bgcolor", "border", "cellpadding", "cellspacing", "charset", "class",
        "color", "colspan", "content", "dir", "face", "height", "http-equiv", "id",
        "lang", "media", "name", "rel", "role", "rowspan", "scope", "size", "span", "start",
        "style", "target", "title", "type", "valign", "width", "xmlns",
    }
)  # fmt: skip
ADDRESS = re.compile(
    r"\{(cancel_url|widget_url)\}|tel:(\{phone\}|[\d+ ().-]+)|mailto:[^\s{}]+|https?://[^\s{}]+"
)
FETCHED = re.compile(
    r"@import|@font-face|(url|image|image-set|src|expression)\(|[\\<]", re.IGNORECASE
)
Found = tuple[str, str]


def dangers(html: str) -> list[Found]:
    """Return what may not be in a mail's HTML, as (code, what was found), each once, in order.

    Whatever is not on the lists above is one; so are comments, which mail programs take for
    conditions, links to anything but a page, an address or a phone number, styles that fetch, and
    a placeholder in an attribute: an address must not carry what a client typed.
    """
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # what the standard library's parser has for a malformed declaration
        reader.found.append(("html_element", "!["))
    return list(dict.fromkeys(reader.found))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self.styling = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.styling = tag == "style"
        if tag not in ELEMENTS:
            self.found.append(("html_element", tag))
            return
        for name, value in attrs:
            self.found += _of_attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag == "style":  # which browsers take for one that goes on
            self.found.append(("html_element", "style/"))

    def handle_endtag(self, tag: str) -> None:
        self.styling = False

    def handle_data(self, data: str) -> None:
        if self.styling:
            self.found += _of_style(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(("html_element", "!--"))

    def handle_decl(self, decl: str) -> None:
        if not decl.lower().startswith("doctype"):
            self.found.append(("html_element", "!"))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("html_element", "!["))

    def handle_pi(self, data: str) -> None:
        self.found.append(("html_element", "?"))


def _of_attribute(tag: str, name: str, value: str) -> Iterator[Found]:
    if name == "href" and tag == "a":
        if not ADDRESS.fullmatch(value.strip()):
            yield "html_address", value
    elif name == "style":
        yield from _of_style(value)
    elif (
        not (name in ATTRIBUTES or name.startswith("aria-"))
        or (name == "http-equiv" and value.lower() != "content-type")
        or IN_BRACES.search(value)
    ):
        yield "html_attribute", name


def _of_style(style: str) -> Iterator[Found]:
    if found := FETCHED.search(style) or IN_BRACES.search(style):
        yield "html_style", found[0]
