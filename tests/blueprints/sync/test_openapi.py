import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from flask_logivet_rdv.blueprints.sync import TABLE
from flask_logivet_rdv.blueprints.sync.examples import ANSWERS, BODIES
from tests.blueprints.sync.calls import PREFIX, upsert


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


def test_the_key_is_a_bearer_and_each_operation_tells_its_scope(document):
    scheme = document["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["security"] == [{"key": []}]
    assert {o["operationId"]: o["security"] for _, o in operations(document)} == {
        endpoint.name: [{"key": [endpoint.scope] if endpoint.scope else []}] for endpoint in TABLE
    }


def operations(document):
    return [(path, op) for path, methods in document["paths"].items() for op in methods.values()]


def contents(document):
    """Yield every body of the document: where it is, its schema, its examples."""
    for path, operation in operations(document):
        answers = operation["responses"].items()
        bodies = [("request", operation.get("requestBody", {})), *answers]
        for what, body in bodies:
            for content in body.get("content", {}).values():
                many = content.get("examples", {"example": {"value": content.get("example")}})
                examples = [example["value"] for example in many.values()]
                yield f"{path} {what}", content["schema"], examples


def parameters(document):
    for path, operation in operations(document):
        for parameter in operation["parameters"]:
            name = parameter.get("$ref", "").rpartition("/")[2]
            told = document["components"]["parameters"][name] if name else parameter
            yield f"{path} {told['name']}", told


def schema_checker(document, schema):
    components = {"components": document["components"]}
    return Draft202012Validator(
        components | schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def test_every_example_obeys_its_schema(document):
    given = [(place, schema, value) for place, schema, many in contents(document) for value in many]
    given += [(place, told["schema"], told["example"]) for place, told in parameters(document)]
    assert len(given) > 100
    for place, schema, example in given:
        errors = [error.message for error in schema_checker(document, schema).iter_errors(example)]
        assert (place, errors) == (place, [])


def test_the_document_refers_to_nothing_that_is_not_there_and_holds_nothing_unused(document):
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'"(#/components/schemas/[^"]+)"', json.dumps(document))) == there


def test_what_is_not_told_by_a_name_is_told_in_words(document):
    silent = [place for place, told in parameters(document) if not told["description"]]
    silent += [
        name for name, told in document["components"]["schemas"].items() if not told["description"]
    ]
    silent += [path for path, op in operations(document) if not (op["summary"] and op["tags"])]
    assert silent == []
    assert {tag for _, op in operations(document) for tag in op["tags"]} == {
        tag["name"] for tag in document["tags"]
    }


def test_the_guide_names_every_operation_scope_and_code_that_asks_for_more_than_a_status(document):
    told = document["info"]["description"]
    for name in ("/hello", "changes", "/snapshots", "/events", "/bookings", "cancel", "move"):
        assert name in told
    for code in ("token_mismatch", "resync", "snapshot_in_progress", "no_such_snapshot"):
        assert f"`{code}`" in told


def test_the_portal_that_tells_it_is_the_server_where_the_host_is_mounted_too(session_portal):
    client = session_portal.test_client()
    base = {"SCRIPT_NAME": "/portail"}
    urls = [
        client.get(f"{PREFIX}/openapi.json", environ_overrides=given).json["servers"][0]["url"]
        for given in ({}, base, {})
    ]
    assert urls == ["/", "/portail", "/"]


def bodies(document):
    schemas = document["components"]["schemas"]
    refs = [
        op["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for _, op in operations(document)
        if "requestBody" in op
    ]
    reached, todo = set(), refs
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            found = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schemas[name]))
            todo.extend(found)
    return {name: schemas[name] for name in reached}


def test_what_is_sent_may_hold_no_unknown_member_and_the_document_says_so(document):
    sent = bodies(document)
    assert {"Batch", "UpsertBusy", "BusyRow", "Name", "Part", "NewPlace"} <= sent.keys()
    assert {schema["additionalProperties"] for schema in sent.values()} == {False}


def test_no_answer_has_null_where_the_document_does_not_say_it(document):
    problem = document["components"]["schemas"]["Problem"]["properties"]
    assert problem["retry_after_s"]["type"] == "integer"
    booking = document["components"]["schemas"]["BookingOut"]["properties"]
    nullable = {name for name, told in booking.items() if {"type": "null"} in told.get("anyOf", [])}
    assert nullable == {"pet_name", "reason", "cancelled_at", "cancelled_by", "cancel_reason"}


@pytest.mark.parametrize(
    ("instant", "right"),
    [
        ("2026-03-18T13:30:00-04:00", True),
        ("2026-03-18t13:30:00.5z", True),
        ("2000-01-01T00:00:00Z", True),
        ("2199-12-31T23:59:59Z", True),
        ("1999-12-31T23:59:59Z", False),
        ("2200-01-01T00:00:00Z", False),
        ("2026-03-18T13:30:00", False),
        ("2026-03-18T24:00:00Z", False),
        ("2026-03-18T23:59:60Z", False),
        ("2026-03-18T13:30:00+24:00", False),
        ("2026-03-18 13:30:00Z", False),
    ],
)
def test_the_document_and_the_portal_agree_on_instants(document, desktop, instant, right):
    (told,) = (p for place, p in parameters(document) if place.endswith("/bookings from"))
    assert schema_checker(document, told["schema"]).is_valid(instant) is right
    answer = desktop.get("/bookings", query_string={"from": instant})
    assert answer.status_code == (200 if right else 422)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ({"fr": "Examen"}, True),
        ({"fr": None, "en": "Exam"}, True),
        ({"fr": " ", "en": " Exam "}, True),
        ({"fr": "x" * 200}, True),
        ({"fr": "x" * 200 + " "}, False),
        ({"fr": "Examen\t"}, False),
        ({"fr": " ", "en": None}, False),
        ({}, False),
    ],
)
def test_the_document_and_the_portal_agree_on_names(document, desktop, name, right):
    change = upsert("category", "k", 1, name=name)
    schema = document["components"]["schemas"]["UpsertCategory"]
    assert schema_checker(document, schema).is_valid(change) is right
    assert desktop.upload(change).status_code == (200 if right else 422)
