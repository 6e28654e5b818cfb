"""Flask's client that holds each answer of `/api/` against the OpenAPI document, as the server gives it out.

    app.test_client_class = checked(app)

Status, content type, headers and body must be documented; a body may have no key more than its schema names, though
clients pass over such keys (SPEC V-2): what is new is to be documented first. What was produced is in `produced`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PROBLEM: Final = "application/problem+json"
LINES: Final = "application/x-ndjson"
OURS: Final = re.compile(r"etag|retry-after|location|www-authenticate|allow|content-range|tus-.*|upload-.*", re.IGNORECASE)
"""Headers that must be documented where they are sent; others are of HTTP alone, or of no meaning to a client."""
Json = dict[str, Any]


class Undocumented(AssertionError):
    """The server answered what its document does not say."""


@dataclass
class Document:
    """A parsed OpenAPI document, and what it was seen to be true of."""

    content: Json
    produced: set[tuple[str, str, int]] = field(default_factory=set)
    _validators: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        patterns = {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in self.content["paths"]}
        self._patterns = patterns

    def operation(self, method: str, path: str) -> tuple[str, str] | None:
        """Return the documented (method, path) of a request; HEAD is answered as GET is."""
        for template, pattern in self._patterns.items():
            if pattern.fullmatch(path):
                methods = self.content["paths"][template]
                found = method if method in methods else "get" if method == "head" and "get" in methods else None
                return (found, template) if found else None
        return None

    def response(self, operation: tuple[str, str], status: int) -> Json:
        """Return what is documented for a status. Raises Undocumented."""
        method, template = operation
        responses = self.content["paths"][template][method]["responses"]
        if str(status) not in responses:
            raise Undocumented(f"{method.upper()} {template} answered {status}, which is not documented")
        self.produced.add((method, template, status))
        return self.resolved(responses[str(status)])

    def resolved(self, value: Json) -> Json:
        """Follow a reference into the components."""
        if "$ref" not in value:
            return value
        _, _, kind, name = value["$ref"].split("/")
        found: Json = self.content["components"][kind][name]
        return found

    def check(self, schema: Json, instance: Any) -> None:
        """Hold a value against a schema. Raises Undocumented."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            strict = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
            components = {"schemas": {name: _closed(each) for name, each in self._schemas().items()}}
            self._validators[key] = jsonschema_rs.validator_for({**strict, "components": components})
        error = next(self._validators[key].iter_errors(instance), None)
        if error is not None:
            raise Undocumented(f"{error.message}, at {list(error.instance_path)}")

    def _schemas(self) -> Json:
        schemas: Json = self.content["components"]["schemas"]
        return schemas


def _closed(schema: Json) -> Json:
    """The same, with no key but those it names."""
    return {"additionalProperties": False, **schema} if "properties" in schema else schema


@cache
def document_of(text: str) -> Document:
    """Return the document; one object for the same text, so that all tests of a process count together."""
    return Document(json.loads(text))


class Checked(TestResponse):
    """An answer whose body is checked once it is read; a stream is not read before the test wants it."""

    judge: Any = None

    def get_data(self, *args: Any, **named: Any) -> Any:
        data = super().get_data(*args, **named)
        judge, self.judge = self.judge, None
        if judge is not None:
            judge(self)
        return data


class CheckedClient(FlaskClient):
    """See above."""

    document: Document

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.response_wrapper = type("CheckedResponse", (Checked, self.response_wrapper), {})

    def open(self, *args: Any, **named: Any) -> TestResponse:
        response = super().open(*args, **named)
        if response.request.path.startswith("/api/v1/") and not response.request.path.endswith("/openapi.json"):
            judge(self.document, response)
        return response


def checked(app: Flask) -> type[CheckedClient]:
    """Return a client class that knows the application's document."""
    text = app.test_client().get("/api/v1/openapi.json").get_data(as_text=True)
    return type("Client", (CheckedClient,), {"document": document_of(text)})


def judge(document: Document, response: TestResponse) -> None:
    """Check an answer. Raises Undocumented."""
    request = response.request
    method = request.environ["REQUEST_METHOD"].lower()
    if method == "post" and "uploads" in request.path:
        method = request.headers.get("X-HTTP-Method-Override", method).lower()
    operation = document.operation(method, request.path)
    if operation is None:
        _unknown(document, response)
        return
    said = document.response(operation, response.status_code)
    _headers(document, said, response)
    empty = request.method == "HEAD" or "content" not in said
    if "content" not in said and response.headers.get("Content-Length", "0") != "0":
        raise Undocumented(f"{operation} {response.status_code} has a body")
    if not empty or (request.method == "HEAD" and "Content-Type" in response.headers and "content" in said):
        if response.mimetype not in said["content"]:
            raise Undocumented(f"{operation} {response.status_code} is {response.mimetype}")
    if empty:
        return
    schema = said["content"][response.mimetype]["schema"]
    if isinstance(response, Checked) and "Content-Length" not in response.headers:
        response.judge = lambda read: _body(document, schema, read)
    else:
        _body(document, schema, response)


def _unknown(document: Document, response: TestResponse) -> None:
    """An address or a method that is none: a Problem, or what Flask says by itself to OPTIONS."""
    if response.request.method == "OPTIONS" and response.status_code == 200:
        return
    if response.status_code not in (404, 405) or ("Allow" in response.headers) != (response.status_code == 405):
        raise Undocumented(f"{response.request.method} {response.request.path}: {response.status_code}")
    if response.mimetype != PROBLEM:
        raise Undocumented(f"{response.request.path} is {response.mimetype}")
    if response.request.method != "HEAD":
        document.check({"$ref": "#/components/schemas/Problem"}, json.loads(response.get_data()))


def _headers(document: Document, said: Json, response: TestResponse) -> None:
    named = {name.lower(): document.resolved(header) for name, header in said.get("headers", {}).items()}
    for name, value in response.headers:
        if OURS.fullmatch(name) and name.lower() not in named:
            raise Undocumented(f"{name} is sent and not documented, with {response.status_code}")
        schema = named.get(name.lower(), {}).get("schema", {})
        document.check(schema, int(value) if schema.get("type") == "integer" and value.isdigit() else value)
    for name, header in named.items():
        if header.get("required") and name not in response.headers:
            raise Undocumented(f"{name} is documented and not sent, with {response.status_code}")


def _body(document: Document, schema: Json, response: TestResponse) -> None:
    if schema.get("format") == "binary":
        return
    data = _unpacked(response)
    if response.mimetype == LINES:
        document.check(schema, [json.loads(line) for line in data.decode().split("\n")[:-1]])
    else:
        document.check(schema, json.loads(data))


def _unpacked(response: TestResponse) -> bytes:
    import brotli, gzip  # noqa
    data: bytes = TestResponse.get_data(response)
    coding = response.headers.get("Content-Encoding")
    return brotli.decompress(data) if coding == "br" else gzip.decompress(data) if coding == "gzip" else data
