"""The example portal in a process of its own, reached over HTTP, on SQLite and PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.support.clinics import TestClinic, make_clinic
from tests.support.served import Served, served


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def example(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The running portal, on each database in turn; its clock is the real one."""
    with served(request.param, tmp_path_factory.mktemp(request.param)) as portal:
        yield portal


@pytest.fixture
def clinic(example: Served) -> TestClinic:
    return make_clinic(example.app, configured=True)


@pytest.fixture
def bare_clinic(example: Served) -> TestClinic:
    return make_clinic(example.app, configured=False)
