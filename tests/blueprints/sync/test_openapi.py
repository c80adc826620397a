import re

import pytest
from openapi_spec_validator import validate

from flask_logivet_rdv.blueprints.sync import TABLE
from flask_logivet_rdv.blueprints.sync.examples import ANSWERS, BODIES
from tests.blueprints.sync.calls import PREFIX


def address(endpoint):
    """Return an endpoint's path as OpenAPI writes it."""
    return PREFIX + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", endpoint.rule)


@pytest.fixture(scope="module")
def document(session_portal):
    return session_portal.test_client().get(f"{PREFIX}/openapi.json").json


def test_the_document_is_valid_and_needs_no_key(document):
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_endpoint_is_there_at_its_address(document):
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(address(endpoint), endpoint.method) for endpoint in TABLE}


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.name)
def test_every_status_has_its_schema_and_examples(document, endpoint):
    operation = document["paths"][address(endpoint)][endpoint.method.lower()]
    responses = operation["responses"]
    done = str(endpoint.status)
    assert {done, "400", "401", "429", "500", "503"} <= responses.keys()
    for status, response in responses.items():
        if status == done and endpoint.answer is None:
            assert "content" not in response
            continue
        media = "application/json" if status == done else "application/problem+json"
        content = response["content"][media]
        assert content["schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
        assert content.get("example") or content.get("examples")


def test_uploads_and_readings_tell_their_own_statuses(document):
    statuses = {
        path.removeprefix(PREFIX): {s for op in methods.values() for s in op["responses"]}
        for path, methods in document["paths"].items()
    }
    assert {"403", "409", "413", "415", "422"} <= statuses["/changes"]
    assert {"403", "404", "409", "413", "422"} <= statuses["/snapshots/{snapshot_id}/parts/{n}"]
    assert {"403", "404", "409", "422"} <= statuses["/snapshots/{snapshot_id}/commit"]
    assert {"403", "404", "409", "422"} <= statuses["/bookings/{booking_id}/move"]
    assert {"403", "404", "422"} <= statuses["/bookings/{booking_id}/cancel"]
    assert {"403", "409"} <= statuses["/keys/rotate"]
    assert {"403", "410", "422"} <= statuses["/events"] & statuses["/bookings"]


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.name)
def test_the_examples_are_true(endpoint):
    if endpoint.answer:
        answer = ANSWERS[endpoint.name]
        assert endpoint.answer.model_validate(answer).model_dump(mode="json") == answer
    if endpoint.body:
        assert endpoint.body.model_validate(BODIES[endpoint.name])


def test_the_key_is_a_bearer(document):
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"key": []}]
