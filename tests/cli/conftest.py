import pytest


@pytest.fixture
def run(portal):
    """Run one of our commands in the test portal."""
    runner = portal.test_cli_runner()
    return lambda *args: runner.invoke(args=["rdv", *map(str, args)])
