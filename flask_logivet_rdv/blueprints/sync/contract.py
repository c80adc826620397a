"""The OpenAPI 3.1 document: made by spectree from the table of endpoints, completed by hand.

spectree only describes: it reads a malformed body as an empty one and repeats input in errors.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, request
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from .answers import Problem
from .examples import ANSWERS, BAD_ITEMS, BODIES, PARAMETERS
from .guard import Endpoint, guarded
from .guide import GUIDE, KEY, PATH_WORDS, TAGS
from .payloads_snapshots import MAX_PARTS
from .problems import MEDIA_TYPE, PROBLEMS, problem

EVERYWHERE = (
    "bad_request",
    "key_in_query",
    "invalid_key",
    "not_found",
    "method_not_allowed",
    "too_many_requests",
    "internal_error",
    "unavailable",
)
BEARER = SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description=KEY)
CLIENT_TIME = {
    "name": "X-Client-Time",
    "in": "header",
    "description": "Your own time, an HTTP date. More than 5 minutes off makes a `notice`, never a"
    " refusal; one that cannot be read is left alone.",
    "schema": {"type": "string"},
    "example": "Mon, 16 Mar 2026 14:00:00 GMT",
}
PATH_SCHEMAS = {"n": {"type": "integer", "minimum": 1, "maximum": MAX_PARTS}}
SECONDS = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"const": "Bearer"}, "required": True}},
    405: {"Allow": {"schema": {"type": "string"}, "description": "The methods that it accepts."}},
    409: {"Retry-After": SECONDS},
    429: {"Retry-After": SECONDS | {"required": True}},
    503: {"Retry-After": SECONDS | {"required": True}},
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
            description=GUIDE,
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
            tags=[name for name, (_, operations) in TAGS.items() if endpoint.name in operations],
            security={"key": [endpoint.scope] if endpoint.scope else []},
            path_parameter_descriptions=PATH_WORDS,
            operation_id=endpoint.name,
            skip_validation=True,
        )
        view: Callable[..., Any] = describe(guarded(endpoint))
        return view

    def answer(self) -> Response:
        """Answer with the document; no key is needed to read it."""
        portal = {"url": request.script_root or "/", "description": "The portal that told this."}
        return Response(
            json.dumps(self._document | {"servers": [portal]}), mimetype="application/json"
        )

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = self._spec.spec
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _complete(operation, self._endpoints[operation["operationId"]], path)
        document["tags"] = [{"name": name, "description": told} for name, (told, _) in TAGS.items()]
        document["components"]["parameters"] = {CLIENT_TIME["name"]: CLIENT_TIME}
        for described_inline in ("ChangesHeaders", "EventsQuery", "BookingsQuery"):
            del document["components"]["schemas"][described_inline]
        return document


def _codes(endpoint: Endpoint) -> dict[int, list[str]]:
    """Return the codes that an endpoint may answer, by status."""
    codes: dict[int, list[str]] = defaultdict(list)
    for code in EVERYWHERE + endpoint.problems:
        codes[PROBLEMS[code][0]].append(code)
    return codes


def _complete(operation: dict[str, Any], endpoint: Endpoint, path: str) -> None:
    """Add to an operation what spectree cannot say: examples, problem+json, headers."""
    operation["parameters"] = [
        *map(_parameter, operation["parameters"]),
        {"$ref": f"#/components/parameters/{CLIENT_TIME['name']}"},
    ]
    if endpoint.body is not None:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = BODIES[endpoint.name]
    done = operation["responses"][str(endpoint.status)]
    done["description"] = "It is kept."
    if endpoint.answer is not None:
        done["description"] = endpoint.answer.__doc__
        done["content"]["application/json"]["example"] = ANSWERS[endpoint.name]
    instance = path.format_map(PARAMETERS)
    bad = defaultdict(list, invalid=BAD_ITEMS.get(endpoint.name, []))
    operation["responses"] = {str(endpoint.status): done} | {
        str(status): _refusal(status, [problem(code, instance, bad[code]) for code in codes])
        for status, codes in sorted(_codes(endpoint).items())
    }


def _parameter(given: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter with an example, told once what it is."""
    name = given["name"]
    told = {key: value for key, value in given["schema"].items() if key != "description"}
    optional = {} if given["required"] else {"allowEmptyValue": True}
    return given | optional | {"schema": PATH_SCHEMAS.get(name, told), "example": PARAMETERS[name]}


def _refusal(status: int, problems: list[dict[str, Any]]) -> dict[str, Any]:
    described = {
        "description": " ".join(f"`{told['code']}`: {told['detail']}" for told in problems),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {told["code"]: {"value": told} for told in problems},
            }
        },
    }
    return described | ({"headers": HEADERS[status]} if status in HEADERS else {})
