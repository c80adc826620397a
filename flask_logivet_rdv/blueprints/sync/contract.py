"""The OpenAPI 3.1 document: made by spectree from the table of endpoints, completed by hand.

spectree only describes: it reads a malformed body as an empty one and repeats input in errors.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Blueprint, Response
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from .answers import Problem
from .examples import ANSWERS, BODIES
from .guard import Endpoint, guarded
from .problems import MEDIA_TYPE, PROBLEMS, problem

EVERYWHERE = (
    "bad_request",
    "key_in_query",
    "invalid_key",
    "too_many_requests",
    "internal_error",
    "unavailable",
)
DESCRIPTION = (
    "Between LogiVet and the portal. LogiVet asks, the portal never calls. Errors are"
    " application/problem+json (RFC 9457) with a stable `code`; an unknown address answers 404"
    " and a wrong method 405 in the same form. A request may tell its own time in an"
    " `X-Client-Time` header (an HTTP date): more than 5 minutes off makes a notice, no refusal."
)
BEARER = SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}},
    409: RETRY_AFTER,
    429: RETRY_AFTER,
    503: RETRY_AFTER,
}


class Plugin(FlaskPlugin):
    """spectree's reader of routes, for one blueprint and without pages or routes of its own."""

    def register_route(self, app: Blueprint) -> None:
        """Remember where the blueprint is mounted."""
        app.record(lambda mounted: setattr(self, "blueprint_state", mounted))


class Contract:
    """The document of one mounted blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        self._spec = SpecTree(
            backend=Plugin,
            title="LogiVet, rendez-vous en ligne",
            version="1",
            description=DESCRIPTION,
            mode="strict",
            validation_error_model=Problem,
            annotations=False,
            page_templates={},
            naming_strategy=lambda model: model.__name__,
            nested_naming_strategy=lambda _parent, child: child,
            security={"key": []},
            security_schemes=[SecurityScheme(name="key", data=BEARER)],
        )
        self._spec.register(blueprint)

    def covering(self, endpoint: Endpoint) -> Callable[..., Any]:
        """Return the guarded view of an endpoint, which is from now on in the document."""
        self._endpoints[endpoint.name] = endpoint
        models: dict[str, Any] = {f"HTTP_{status}": Problem for status in _codes(endpoint)}
        models[f"HTTP_{endpoint.status}"] = endpoint.answer
        describe = self._spec.validate(
            query=endpoint.query,
            headers=endpoint.headers,
            json=endpoint.body,
            resp=Answers(**models),
            operation_id=endpoint.name,
            skip_validation=True,
        )
        view: Callable[..., Any] = describe(guarded(endpoint))
        return view

    def answer(self) -> Response:
        """Answer with the document; no key is needed to read it."""
        return Response(self._text, mimetype="application/json")

    @cached_property
    def _text(self) -> str:
        document = self._spec.spec
        for path in document["paths"].values():
            for operation in path.values():
                _complete(operation, self._endpoints[operation["operationId"]])
        document["components"]["responses"] = {
            code: _refusal(PROBLEMS[code][0], [code], "/api/logivet/v1/unknown")
            for code in ("not_found", "method_not_allowed")
        }
        return json.dumps(document)


def _codes(endpoint: Endpoint) -> dict[int, list[str]]:
    """Return the codes that an endpoint may answer, by status."""
    codes: dict[int, list[str]] = defaultdict(list)
    for code in EVERYWHERE + endpoint.problems:
        codes[PROBLEMS[code][0]].append(code)
    return codes


def _complete(operation: dict[str, Any], endpoint: Endpoint) -> None:
    """Add to an operation what spectree cannot say: examples, problem+json, headers."""
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = BODIES[endpoint.name]
    status = str(endpoint.status)
    done = operation["responses"][status]
    if endpoint.answer is not None:
        done["content"]["application/json"]["example"] = ANSWERS[endpoint.name]
    refusals = _codes(endpoint).items()
    operation["responses"] = {status: done} | {
        str(status): _refusal(status, codes, endpoint.rule) for status, codes in sorted(refusals)
    }


def _refusal(status: int, codes: list[str], instance: str) -> dict[str, Any]:
    described = {
        "description": " ".join(PROBLEMS[code][1] for code in codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": problem(code, instance)} for code in codes},
            }
        },
    }
    return described | ({"headers": HEADERS[status]} if status in HEADERS else {})
