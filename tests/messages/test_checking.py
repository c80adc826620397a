"""What a clinic's own text of a mail may say: everything that is wrong with it, by stable codes."""

import pytest

from flask_logivet_rdv import MailText, check_mail_text, mail_messages, mail_placeholders
from flask_logivet_rdv.messages.checking import LONGEST, SENTENCES, MailTextProblem

OFFER = "{cancel_url} {cancel_note}"
STANDING = ["confirmation", "reminder", "moved_by_clinic"]
CANCELLED = ["cancelled_by_clinic", "cancellation"]


def codes(message="cancellation", *, subject="Objet", text="Texte", html=None):
    own = MailText(subject, text, html)
    return [(found.field, found.code) for found in check_mail_text(message, own)]


def found_in(text, message="cancellation"):
    return [
        (found.code, found.arguments.get("found"), found.arguments.get("nearest"))
        for found in check_mail_text(message, MailText("Objet", text))
    ]


def html(piece):
    return [
        (found.code, found.arguments.get("found"))
        for found in check_mail_text("cancellation", MailText("Objet", "Texte", piece))
    ]


@pytest.mark.parametrize("message", mail_messages("fr"))
def test_each_placeholder_of_a_message_may_be_named_anywhere(message):
    every = " ".join(f"{{{name}}}" for name in mail_placeholders(message, "fr"))
    assert codes(message, subject="{pet}, {date}", text=every, html=f"<p>{every}</p>") == []


@pytest.mark.parametrize("text", ["", " \n ", "\t"])
def test_a_subject_and_a_text_are_needed(text):
    assert codes(subject=text, text=text) == [("subject", "empty"), ("text", "empty")]


@pytest.mark.parametrize("blank", [None, "", " \n"])
def test_a_mail_needs_no_html(blank):
    assert codes("confirmation", text=OFFER, html=blank) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_a_subject_is_one_line(end):
    assert codes(subject=f"Annulé{end}Bcc: x@exemple.ca") == [("subject", "line_break")]


@pytest.mark.parametrize("field", LONGEST)
def test_each_field_has_a_longest_text(field):
    longest = LONGEST[field]
    assert codes(**{field: "x" * longest}) == []
    own = MailText(**{"subject": "Objet", "text": "Texte"} | {field: "x" * (longest + 1)})
    (found,) = check_mail_text("cancellation", own)
    assert (found.field, found.code) == (field, "too_long")
    assert found.arguments == {"longest": longest, "length": longest + 1}


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("{nom}", "{name}"),
        ("{Pet}", "{pet}"),
        ("{clinique}", "{clinic}"),
        ("{end_tme}", "{end_time}"),
        ("{cancel_reson}", "{cancel_reason}"),
    ],
)
def test_a_misspelt_placeholder_is_told_with_the_right_one(typed, nearest):
    assert found_in(typed) == [("misspelt_placeholder", typed, nearest)]


@pytest.mark.parametrize("typed", ["{password}", "{0}", "{_}", "{__class__}", "{éphémère}"])
def test_a_name_that_is_like_no_placeholder_is_told_alone(typed):
    assert found_in(typed) == [("unknown_placeholder", typed, None)]


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ("confirmation", "{former_date}"),
        ("reminder", "{cancel_reason}"),
        ("cancelled_by_clinic", "{cancel_url}"),
        ("cancellation", "{cancel_note}"),
        ("cancellation", "{former_time}"),
    ],
)
def test_a_placeholder_that_says_nothing_in_a_message_is_told(message, typed):
    text = f"{OFFER} {typed}" if message in STANDING else typed
    assert found_in(text, message) == [("empty_placeholder", typed, None)]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bonjour {name,\nÀ bientôt", "{name,"),
        ("Bonjour {name", "{name"),
        ("Bonjour name}", "name}"),
        ("{ name }", "{ name }"),
        ("{name.__class__}", "{name.__class__}"),
        ("{name!r}", "{name!r}"),
        ("{name:>9}", "{name:>9}"),
        ("{name[0]}", "{name[0]}"),
        ("{{name}}", "{{name}}"),
        ("{{ name }}", "{ name }"),
        ("{% if x %}", "{%"),
    ],
)
def test_braces_that_are_not_a_placeholder_are_told_as_they_were_typed(typed, shown):
    assert found_in(typed) == [("broken_placeholder", shown, "{name}")]


@pytest.mark.parametrize("text", ["{}", "{ }", "a } b { c", "{1, 2}", "Rabais de 10 % {promo!}"])
def test_other_braces_are_only_braces(text):
    assert found_in(text) == []


def test_every_problem_of_every_field_is_told_once():
    assert codes("confirmation", subject="{nom} {nom}\nX", text="{nom} {pet", html="<img>") == [
        ("subject", "line_break"),
        ("subject", "misspelt_placeholder"),
        ("text", "misspelt_placeholder"),
        ("text", "broken_placeholder"),
        ("text", "no_cancel_url"),
        ("text", "no_cancel_note"),
        ("html", "no_cancel_url"),
        ("html", "no_cancel_note"),
        ("html", "html_element"),
    ]


@pytest.mark.parametrize("message", STANDING)
def test_an_appointment_that_stands_can_be_cancelled_from_each_of_its_mails(message):
    """S91-S93."""
    lacking = [("text", "no_cancel_url"), ("text", "no_cancel_note")]
    assert codes(message, text="Bonjour {name}") == lacking
    assert codes(message, text="{cancel_url}, au moins {cancel_hours} heures avant") == []
    assert codes(message, text=OFFER, html="<p>{cancel_url}</p>") == [("html", "no_cancel_note")]


@pytest.mark.parametrize("message", CANCELLED)
def test_one_that_is_cancelled_offers_nothing(message):
    assert codes(message) == []


@pytest.mark.parametrize("own", ["Bonjour", ("a", "b"), {"subject": "a"}, 7, False])
def test_what_is_no_text_is_told(own):
    assert check_mail_text("cancellation", own) == [MailTextProblem("text", "wrong_type")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": None}, "subject"),
        ({"text": b"Bonjour"}, "text"),
        ({"html": 7}, "html"),
        ({"text": "\ud83d"}, "text"),
    ],
)
def test_a_field_that_is_no_text_is_told(given, field):
    own = MailText(**{"subject": "Objet", "text": "Texte"} | given)
    assert check_mail_text("cancellation", own) == [MailTextProblem(field, "wrong_type")]


@pytest.mark.parametrize(
    ("piece", "code", "found"),
    [
        ("<script>x()</script>", "html_element", "script"),
        ("<SCRIPT SRC=//x>", "html_element", "script"),
        ("<img src=https://x.exemple/t.gif>", "html_element", "img"),
        ("<img src='data:image/png;base64,AA=='>", "html_element", "img"),
        ("<link rel=stylesheet href=https://x>", "html_element", "link"),
        ("<base href=https://x>", "html_element", "base"),
        ("<iframe></iframe>", "html_element", "iframe"),
        ("<svg/onload=x()>", "html_element", "svg"),
        ("<form action=https://x>", "html_element", "form"),
        ("<v:fill src=https://x>", "html_element", "v:fill"),
        ("<!--[if mso]><img src=x><![endif]-->", "html_element", "!--"),
        ("<!--><img src=x>-->", "html_element", "!--"),
        ("<![CDATA[<img>]]>", "html_element", "!["),
        ("<?xml-stylesheet href='x'?>", "html_element", "?"),
        ("<style/>p { background: url(x) }", "html_element", "style/"),
        ("<p onclick=x()>", "html_attribute", "onclick"),
        ("<p/onmouseover=x()>", "html_attribute", "onmouseover"),
        ("<body background=https://x>", "html_attribute", "background"),
        ("<p srcset=x>", "html_attribute", "srcset"),
        ("<p href=https://x>", "html_attribute", "href"),
        ("<meta http-equiv=refresh content='0;url=https://x'>", "html_attribute", "http-equiv"),
        ("<p title={pet}>", "html_attribute", "title"),
        ("<p {pet}>", "html_attribute", "{pet}"),
        ("<a href='javascript:x()'>", "html_address", "javascript:x()"),
        ("<a href='&#106;avascript:x()'>", "html_address", "javascript:x()"),
        ("<a href=' JaVaScRiPt:x()'>", "html_address", " JaVaScRiPt:x()"),
        ("<a href='data:text/html,x'>", "html_address", "data:text/html,x"),
        ("<a href='{name}'>", "html_address", "{name}"),
        ("<a href='https://x/?c={name}'>", "html_address", "https://x/?c={name}"),
        ("<a href='https://x/?l={cancel_url}'>", "html_address", "https://x/?l={cancel_url}"),
        ("<a href='//x.exemple'>", "html_address", "//x.exemple"),
        ("<p style='background: url(https://x)'>", "html_style", "url("),
        ("<p style='background: URL&#40;x)'>", "html_style", "URL("),
        ("<p style='background: u\\72l(x)'>", "html_style", "\\"),
        ("<p style='color: {pet}'>", "html_style", "{pet}"),
        ("<style>@import 'https://x'</style>", "html_style", "@import"),
        ("<style>@font-face { src: local(x) }</style>", "html_style", "@font-face"),
        ("<style>p { background: image-set('x' 1x) }</style>", "html_style", "image-set("),
        ("<style>p { content: '{pet}' }</style>", "html_style", "{pet}"),
    ],
)
def test_html_neither_runs_nor_fetches_anything_nor_tells_an_address_of_the_client(
    piece, code, found
):
    assert (code, found) in html(piece)


@pytest.mark.parametrize(
    "piece",
    [
        "<p style='color: #123; margin: 0 auto'>Bonjour <strong>{name}</strong></p>",
        "<a href='{widget_url}'>ici</a> <a href='https://exemple.ca/a?b=c'>là</a>",
        "<a href='tel:{phone}'>{phone}</a> <a href='tel:+1 (514) 555-0134'>514 555-0134</a>",
        "<a href='mailto:info@exemple.ca'>info@exemple.ca</a>",
        "<!DOCTYPE html><html lang=fr><head><meta charset=utf-8><title>{pet}</title></head></html>",
        "<meta http-equiv='Content-Type' content='text/html; charset=utf-8'>",
        "<style>@media (max-width: 40rem) { p { color: red } }</style>",
        "<table role=presentation cellpadding=0><tr><td bgcolor='#fff' width=50%>a</table>",
        "5 < 6 & 7 > 6, on = 1",
    ],
)
def test_html_may_look_as_the_clinic_likes(piece):
    assert html(piece) == []


def test_a_long_find_is_cut_short():
    (found,) = check_mail_text("cancellation", MailText("Objet", "{" + "x" * 900 + "}"))
    assert found.arguments["found"] == "{" + "x" * 38 + "…"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("code", SENTENCES)
def test_each_code_has_a_sentence(code, lang):
    arguments = {"found": "{nom}", "nearest": "{name}", "longest": 200, "length": 201}
    told = MailTextProblem("text", code, arguments).words(lang)
    assert told.endswith((".", "?"))
    assert "{found}" not in told


def test_a_problem_is_told_in_the_readers_language():
    (found,) = check_mail_text("cancellation", MailText("Objet", "Bonjour {nom}"))
    assert found.words("fr_CA") == "{nom} n'est pas une variable. Vouliez-vous écrire {name}?"
    assert found.words("en") == "{nom} is not a placeholder. Did you mean {name}?"
