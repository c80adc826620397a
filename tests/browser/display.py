"""Shows a browser the answers of an application of this process: nothing listens."""

from flask.testing import FlaskClient
from playwright.sync_api import Page, Route
from werkzeug.test import TestResponse


def display(page: Page, origin: str, answer: TestResponse, client: FlaskClient) -> None:
    """Open an answer at its own address; the files that it asks for come from `client`."""
    address = origin + answer.request.full_path.rstrip("?")

    def give(route: Route) -> None:
        if route.request.url == address:
            # a page that is refused is a page: its status is not what is looked at here
            _fulfil(route, answer, 200)
            return
        with client.get(route.request.url.removeprefix(origin)) as file:
            _fulfil(route, file, file.status_code)

    page.route("**/*", give)  # the newest is asked first
    page.goto(address)


def _fulfil(route: Route, answer: TestResponse, status: int) -> None:
    route.fulfill(status=status, headers=dict(answer.headers), body=answer.data)
