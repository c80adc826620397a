from collections.abc import Callable

import pytest
from flask import Flask

from tests.blueprints.sync.calls import Desktop
from tests.support.clinics import TestClinic


@pytest.fixture
def desktop(portal: Flask, clinic: TestClinic) -> Desktop:
    return Desktop(portal.test_client(), clinic.key)


@pytest.fixture
def desktop_of(portal: Flask) -> Callable[[TestClinic], Desktop]:
    return lambda clinic: Desktop(portal.test_client(), clinic.key)
