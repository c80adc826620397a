"""What stands in the rows of the account pages' tables, and in the widget's lists."""

from tests.blueprints.account.conftest import PREFIX, Page, words


def row_of(page, name):
    return next(r for r in page.body.select("tbody tr") if words(r.th) == name)


def cells(page, name):
    return [words(cell) for cell in row_of(page, name).find_all(["th", "td"])]


def chips(page, name):
    return [words(chip) for chip in row_of(page, name).select(".rdv-chip span")]


def choices(page, name):
    return [words(label) for label in row_of(page, name).select("fieldset label")]


def checked(page, name):
    return row_of(page, name).select_one("input.rdv-on").has_attr("checked")


def offered(owner, name, **chosen):
    """Return what the widget offers in one of its lists."""
    return [words(o) for o in owner.look(**chosen).all(f"select[name={name}] option")][1:]


def headings(page):
    return [(words(th), th.get("aria-sort")) for th in page.body.select("thead th")]


def send(staff, path, fields):
    """Send the page's own fields with some changed, as a browser without script."""
    form = staff.get(path).fields()
    for name, value in fields.items():
        form.setlist(name, value if isinstance(value, list) else [value])
    return Page(staff.client.post(PREFIX + path, data=form))


def spoken(text):
    """Return a label with ordinary spaces."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
