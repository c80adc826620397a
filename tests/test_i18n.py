"""Dates, times and words as Québec and Canada write them, and the language that is spoken."""

from datetime import date, datetime

import pytest
from flask import Flask
from flask_babel import Babel, get_domain, get_locale

from flask_logivet_rdv import i18n
from flask_logivet_rdv.i18n import words
from flask_logivet_rdv.scheduling.opening import canadian_zones, zone
from tests.support.clinics import at


@pytest.fixture
def french(monkeypatch):
    """A catalogue of the test's own, so that no real wording is relied on."""
    from babel.messages import Catalog
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    def load(entries):
        import io

        catalogue, compiled = Catalog(locale="fr"), io.BytesIO()
        # as in our own files: since 2.19 Babel's rule for French has a third form, for millions
        catalogue.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n > 1);")]
        for (context, msgid), text in entries.items():
            catalogue.add(msgid, text, context=context)
        write_mo(compiled, catalogue)
        compiled.seek(0)
        monkeypatch.setattr(i18n, "catalogue", lambda lang: Translations(compiled))
        return i18n.Words("fr")

    return load


@pytest.mark.parametrize(
    ("day", "fr", "en"),
    [
        (date(2026, 3, 18), "mercredi 18 mars 2026", "Wednesday, March 18, 2026"),
        (date(2026, 4, 1), "mercredi 1er avril 2026", "Wednesday, April 1, 2026"),
        (date(2026, 11, 11), "mercredi 11 novembre 2026", "Wednesday, November 11, 2026"),
        (date(2026, 12, 31), "jeudi 31 décembre 2026", "Thursday, December 31, 2026"),
    ],
)
def test_a_date_with_its_weekday(day, fr, en):
    assert (words("fr").weekday_date(day), words("en").weekday_date(day)) == (fr, en)


@pytest.mark.parametrize(
    ("day", "fr", "en"),
    [
        (date(2026, 3, 18), "mercredi 18 mars", "Wednesday, March 18"),
        (date(2026, 4, 1), "mercredi 1er avril", "Wednesday, April 1"),
        (date(2026, 8, 21), "vendredi 21 août", "Friday, August 21"),
    ],
)
def test_a_day_without_its_year(day, fr, en):
    assert (words("fr").weekday_day(day), words("en").weekday_day(day)) == (fr, en)


@pytest.mark.parametrize(
    ("day", "fr", "en"),
    [
        (date(2026, 3, 25), "25 mars 2026", "March 25, 2026"),
        (date(2026, 4, 1), "1er avril 2026", "April 1, 2026"),
        (date(2026, 1, 31), "31 janvier 2026", "January 31, 2026"),
        (date(2031, 1, 1), "1er janvier 2031", "January 1, 2031"),
    ],
)
def test_a_plain_date(day, fr, en):
    assert (words("fr").plain_date(day), words("en").plain_date(day)) == (fr, en)


def test_a_month():
    day = date(2026, 3, 1)
    assert [words(lang).month(day) for lang in ("fr", "en")] == ["mars 2026", "March 2026"]
    assert [words(lang).month_name(day) for lang in ("fr", "en")] == ["mars", "March"]


@pytest.mark.parametrize(
    ("clock", "fr", "en"),
    [
        ("00:00", "0 h", "12:00 a.m."),
        ("00:05", "0 h 05", "12:05 a.m."),
        ("09:00", "9 h", "9:00 a.m."),
        ("11:59", "11 h 59", "11:59 a.m."),
        ("12:00", "12 h", "12:00 p.m."),
        ("13:30", "13 h 30", "1:30 p.m."),
        ("14:00", "14 h", "2:00 p.m."),
        ("23:55", "23 h 55", "11:55 p.m."),
    ],
)
def test_a_time_has_no_break_spaces(clock, fr, en):
    moment = datetime.fromisoformat(f"2026-03-18T{clock}")
    told = [words(lang).time(moment) for lang in ("fr", "en")]
    assert told == [fr.replace(" ", "\xa0"), en.replace(" ", "\xa0")]
    assert words("fr").clock(moment) == words("en").clock(moment) == clock


@pytest.mark.parametrize(
    ("minute", "shown"), [(0, "00h00"), (540, "09h00"), (695, "11h35"), (1440, "24h00")]
)
def test_weekly_hours_are_written_as_in_the_manual(minute, shown):
    assert i18n.hours(minute) == shown


@pytest.mark.parametrize(
    ("number", "fr", "en"),
    [
        ("+15145550134", "514\xa0555-0134", "514-555-0134"),
        ("514 555-0134", "514\xa0555-0134", "514-555-0134"),
        ("514\xa0555\u20110134", "514\xa0555-0134", "514-555-0134"),
        ("(514) 555.0134", "514\xa0555-0134", "514-555-0134"),
        ("5145550134", "514\xa0555-0134", "514-555-0134"),
        ("+1 514-555-0134", "514\xa0555-0134", "514-555-0134"),
        ("1 800 555-0199", "1\xa0800\xa0555-0199", "1-800-555-0199"),
        ("514 555-0134 poste 3", "514\xa0555-0134 poste\xa03", "514-555-0134 poste\xa03"),
        ("514-555-0134, ext. 12", "514\xa0555-0134, ext.\xa012", "514-555-0134, ext.\xa012"),
        ("514 555-0134 (poste 3)", "514\xa0555-0134 (poste\xa03)", "514-555-0134 (poste\xa03)"),
    ],
)
def test_a_number_of_north_america_is_written_as_here_however_it_was_typed(number, fr, en):
    assert (words("fr").phone(number), words("en").phone(number)) == (fr, en)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33142685300", "+33142685300"),
        ("+33 1 42 68 53 00", "+33\xa01\xa042\xa068\xa053\xa000"),
        ("01 42 68 53 00", "01\xa042\xa068\xa053\xa000"),
        ("+514 555-0134", "+514\xa0555-0134"),
        ("514 555-01345", "514\xa0555-01345"),
        ("+1514555013x", "+1514555013x"),
        ("Jour : 514 555-0134, nuit : 9", "Jour : 514\xa0555-0134, nuit : 9"),
        ("appelez-nous au comptoir", "appelez-nous au comptoir"),
        ("", ""),
    ],
)
def test_any_other_number_stays_as_it_was_typed_but_undivided(number, shown):
    assert words("fr").phone(number) == words("en").phone(number) == shown


def test_minutes_are_not_divided_from_their_number():
    assert words("fr").minutes(30) == words("en").minutes(30) == "30\xa0minutes"
    assert words("fr").minutes(1) == "1\xa0minute"


def test_another_language_writes_dates_and_times_as_babel_knows_them():
    day, spanish = datetime(2026, 4, 1, 13, 30), i18n.Words("es")  # noqa: DTZ001 wall time
    assert spanish.weekday_date(day) == "miércoles, 1 de abril de 2026"
    assert spanish.plain_date(day) == "1 de abril de 2026"
    assert spanish.time(day) == "13:30"


def test_a_language_is_named_in_the_one_that_is_spoken():
    assert [words("fr").language_name(lang) for lang in ("fr", "en", "es")] == [
        "Français",
        "Anglais",
        "Espagnol",
    ]
    assert words("en").language_name("es") == "Spanish"


@pytest.mark.parametrize(
    ("seconds", "fr", "en"),
    [
        (0, "1\N{NO-BREAK SPACE}minute", "1\N{NO-BREAK SPACE}minute"),
        (119, "1\N{NO-BREAK SPACE}minute", "1\N{NO-BREAK SPACE}minute"),
        (7199, "119\N{NO-BREAK SPACE}minutes", "119\N{NO-BREAK SPACE}minutes"),
        (7200, "2\N{NO-BREAK SPACE}heures", "2\N{NO-BREAK SPACE}hours"),
        (172_799, "47\N{NO-BREAK SPACE}heures", "47\N{NO-BREAK SPACE}hours"),
        (172_800, "2\N{NO-BREAK SPACE}jours", "2\N{NO-BREAK SPACE}days"),
    ],
)
def test_a_duration_is_told_in_whole_units(seconds, fr, en):
    assert (words("fr").duration(seconds), words("en").duration(seconds)) == (fr, en)


def test_a_moment_is_a_date_and_a_time():
    moment = datetime(2026, 3, 1, 13, 30)  # noqa: DTZ001 wall time
    assert (
        words("fr").date_and_time(moment)
        == "1er mars 2026 à 13\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    )
    assert words("en").date_and_time(moment) == "March 1, 2026 at 1:30\N{NO-BREAK SPACE}p.m."


def test_weekdays_begin_with_sunday():
    french, english = words("fr").week, words("en").week
    assert [short for _, short in french] == ["DIM", "LUN", "MAR", "MER", "JEU", "VEN", "SAM"]
    assert [short for _, short in english] == ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    assert (french[3][0], english[0][0]) == ("mercredi", "Sunday")
    assert [words("fr").weekday(n) for n in (0, 3)] == ["dimanche", "mercredi"]


ZONES = {
    "Canada/Atlantic": ("heure de l'Atlantique", "Atlantic Time"),
    "Canada/Central": ("heure du Centre", "Central Time"),
    "Canada/Eastern": ("heure de l'Est", "Eastern Time"),
    "Canada/Mountain": ("heure des Rocheuses", "Mountain Time"),
    "Canada/Newfoundland": ("heure de Terre-Neuve", "Newfoundland Time"),
    "Canada/Pacific": ("heure du Pacifique", "Pacific Time"),
    "Canada/Saskatchewan": ("heure normale du Centre", "Central Standard Time"),
    "Canada/Yukon": ("heure normale du Yukon", "Yukon Time"),
}


@pytest.mark.parametrize("zone", canadian_zones())
def test_every_zone_of_canada_has_a_name_of_its_own(zone):
    assert (words("fr").zone_name(zone), words("en").zone_name(zone)) == ZONES[zone]
    assert [names for names in ZONES.values() if names == ZONES[zone]] == [ZONES[zone]]


@pytest.mark.parametrize(
    ("zone", "fr"),
    [("America/Toronto", "heure de l'Est"), ("UTC", "temps universel coordonné")],
)
def test_a_clinics_own_zone_has_a_name(zone, fr):
    assert words("fr").zone_name(zone) == fr


def test_an_instant_is_placed_on_the_wall_clock_of_a_zone():
    instant = at("2026-03-18", "13:30")
    assert i18n.local(instant, "America/Toronto").isoformat() == "2026-03-18T13:30:00-04:00"
    assert i18n.local(instant, "Canada/Pacific").isoformat() == "2026-03-18T10:30:00-07:00"


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [
        ("fr", "fr"),
        ("fr_CA", "fr"),
        ("en-US", "en"),
        ("EN", "en"),
        ("de", "fr"),
        ("../../etc", "fr"),
        ("", "fr"),
        (None, "fr"),
    ],
)
def test_a_tag_chooses_a_catalogue(tag, spoken):
    assert i18n.language(tag) == spoken


def test_an_unknown_tag_gives_way_to_the_clinics_language():
    assert i18n.language("de", otherwise="en") == "en"


@pytest.mark.parametrize(("lang", "tag"), [("fr", "fr-CA"), ("en", "en-CA")])
def test_a_page_names_its_language(lang, tag):
    assert words(lang).tag == tag


@pytest.mark.parametrize(("n", "text"), [(0, "0 plage"), (1, "1 plage"), (2, "2 plages")])
def test_french_counts_nothing_in_the_singular(french, n, text):
    say = french({(None, ("{n} time", "{n} times")): ("{n} plage", "{n} plages")})
    assert say.trn("{n} time", "{n} times", n) == text


@pytest.mark.parametrize(("n", "text"), [(0, "0 xtimes"), (1, "1 xtime"), (2, "2 xtimes")])
def test_english_counts_nothing_in_the_plural(n, text):
    assert words("en").trn("{n} xtime", "{n} xtimes", n) == text


def test_a_context_tells_two_meanings_apart(french):
    say = french({("step", "Next"): "Suivant", ("month", "Next"): "Mois suivant"})
    assert say.trp("step", "Next") == "Suivant"
    assert say.trp("month", "Next") == "Mois suivant"


def test_a_message_without_a_translation_is_its_english_self(french):
    assert french({}).tr("Not translated, {name}", name="Zoé") == "Not translated, Zoé"


def test_what_fills_a_placeholder_is_never_a_pattern_itself(french):
    assert french({}).tr("Hello {x}", x="{x.__class__}") == "Hello {x.__class__}"


def test_speaking_nests_and_restores():
    spoken = [i18n.current_language()]
    with i18n.speaking("en"):
        spoken.append(i18n.current_language())
        with i18n.speaking("fr"):
            spoken.append(i18n.current_language())
        spoken.append(i18n.current_language())
    assert [*spoken, i18n.current_language()] == ["fr", "en", "fr", "en", "fr"]


def test_speaking_restores_after_an_error():
    with pytest.raises(KeyError), i18n.speaking("en"):
        raise KeyError
    assert i18n.current_language() == "fr"


def test_a_lazy_text_is_said_in_the_language_of_the_moment(monkeypatch):
    monkeypatch.setattr(i18n, "words", lambda lang: FakeWords(lang))
    lazy = i18n.lazy_gettext("Hello")
    with i18n.speaking("en"):
        assert str(lazy) == "Hello in en"
    assert str(lazy) == "Hello in fr"


class FakeWords:
    def __init__(self, lang):
        self.lang = lang

    def tr(self, message):
        return f"{message} in {self.lang}"


def test_a_hosts_babel_speaks_along_and_returns_to_its_own_language():
    app = Flask(__name__)
    Babel(app, default_locale="de")
    with app.test_request_context():
        before = str(get_locale())
        with i18n.speaking("fr"):
            during = str(get_locale())
        assert (before, during, str(get_locale())) == ("de", "fr_CA", "de")


def test_a_hosts_own_domain_stays_its_own_while_we_speak():
    app = Flask(__name__)
    Babel(app, default_locale="de", default_domain="portal")
    with app.test_request_context(), i18n.speaking("fr"):
        assert "portal" in get_domain().domain
        assert i18n.gettext("Species") == "Espèce"


def test_a_host_without_babel_is_spoken_to_all_the_same():
    with Flask(__name__).test_request_context(), i18n.speaking("en"):
        assert i18n.current_language() == "en"


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("514 555-0134", "5145550134"),
        ("+15145550134", "+15145550134"),
        ("(514) 555.0134 poste 3", "5145550134"),
        ("514\u00a0555\u20110134, ext. 12", "5145550134"),
        ("appelez-nous", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_is_dialled_without_its_extension(written, dialled):
    assert i18n.dial(written) == dialled


@pytest.mark.parametrize(
    ("lang", "moment", "fold", "said"),
    [
        ("fr", "2026-11-01T01:30", 0, "1\xa0h\xa030 HAE"),
        ("fr", "2026-11-01T01:30", 1, "1\xa0h\xa030 HNE"),
        ("en", "2026-11-01T01:30", 0, "1:30\xa0a.m. EDT"),
        ("en", "2026-11-01T01:30", 1, "1:30\xa0a.m. EST"),
        ("fr", "2026-11-01T02:00", 0, "2\xa0h"),
        ("fr", "2026-11-01T00:30", 0, "0\xa0h\xa030"),
        ("fr", "2026-06-17T01:30", 0, "1\xa0h\xa030"),
    ],
)
def test_a_time_that_comes_twice_names_its_side(lang, moment, fold, said):
    wall = datetime.fromisoformat(moment).replace(tzinfo=zone("America/Toronto"), fold=fold)
    assert i18n.words(lang).exact_time(wall) == said
