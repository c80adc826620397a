import pytest
from openapi_spec_validator import validate

from flask_logivet_rdv.blueprints.sync import TABLE
from flask_logivet_rdv.blueprints.sync.examples import ANSWERS, BODIES
from tests.blueprints.sync.calls import PREFIX


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
    assert described == {(PREFIX + endpoint.rule, endpoint.method) for endpoint in TABLE}


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.name)
def test_every_status_has_its_schema_and_examples(document, endpoint):
    operation = document["paths"][PREFIX + endpoint.rule][endpoint.method.lower()]
    responses = operation["responses"]
    assert {"200", "400", "401", "429", "500", "503"} <= responses.keys()
    for status, response in responses.items():
        media = "application/json" if status == "200" else "application/problem+json"
        content = response["content"][media]
        assert content["schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
        assert content.get("example") or content.get("examples")


def test_uploads_and_readings_tell_their_own_statuses(document):
    statuses = {
        path.removeprefix(PREFIX): {s for op in methods.values() for s in op["responses"]}
        for path, methods in document["paths"].items()
    }
    assert {"403", "409", "413", "415", "422"} <= statuses["/changes"]
    assert {"403", "410", "422"} <= statuses["/events"] & statuses["/bookings"]


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.name)
def test_the_examples_are_true(endpoint):
    answer = ANSWERS[endpoint.name]
    assert endpoint.answer.model_validate(answer).model_dump(mode="json") == answer
    if endpoint.body:
        assert endpoint.body.model_validate(BODIES[endpoint.name])


def test_the_key_is_a_bearer(document):
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"key": []}]
