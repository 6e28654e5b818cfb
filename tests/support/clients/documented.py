"""Flask's client that checks each answer of `/api/` against the server's own OpenAPI document.

    app.test_client_class = checked(app)

Status, content type, headers and body must be documented. A body may have only keys that its schema names: clients
ignore others (SPEC V-2), but new keys must be documented first. `produced` collects the answers seen.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import brotli
import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.clients.write_only import Json

OPENAPI: Final = "/api/v1/openapi.json"
PROBLEM: Final = "application/problem+json"
LINES: Final = "application/x-ndjson"
OURS: Final = re.compile(
    r"etag|retry-after|location|www-authenticate|allow|content-range|tus-.*|upload-.*", re.IGNORECASE
)
"""Headers that must be documented where they are sent; others belong to HTTP alone, or mean nothing to a client."""


class Undocumented(AssertionError):  # noqa: N818  # the name reads well before the sentence it prints
    """The server's answer is not in its document."""


@dataclass
class Document:
    """A parsed OpenAPI document, and the answers seen so far."""

    content: Json
    produced: set[tuple[str, str, int]] = field(default_factory=set)
    _validators: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        patterns = {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in self.content["paths"]}
        self._patterns = patterns

    def operation(self, method: str, path: str) -> tuple[str, str] | None:
        """Return the documented (method, path) of a request; HEAD counts as GET unless documented itself."""
        for template, pattern in self._patterns.items():
            if pattern.fullmatch(path):
                methods = self.content["paths"][template]
                found = method if method in methods else "get" if method == "head" and "get" in methods else None
                return (found, template) if found else None
        return None

    def response(self, operation: tuple[str, str], status: int) -> Json:
        """Return the documentation of a status. Raises Undocumented."""
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

    def check(self, schema: Json, instance: Any, *, closed: bool = True) -> None:
        """Check a value against a schema. Raises Undocumented. `closed`: it has no key that is not named."""
        key = json.dumps([schema, closed], sort_keys=True)
        if key not in self._validators:
            strict = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
            components = {
                "schemas": {name: _closed(each) if closed else each for name, each in self._schemas().items()}
            }
            self._validators[key] = jsonschema_rs.validator_for({**strict, "components": components})
        error = next(self._validators[key].iter_errors(instance), None)
        if error is not None:
            raise Undocumented(f"{error.message}, at {list(error.instance_path)}")

    def _schemas(self) -> Json:
        schemas: Json = self.content["components"]["schemas"]
        return schemas


def _closed(schema: Json) -> Json:
    """Return the schema, allowing only the keys it names."""
    return {"additionalProperties": False, **schema} if "properties" in schema else schema


@cache
def document_of(text: str) -> Document:
    """Return the document; the same object for the same text, so that all tests of a process count together."""
    return Document(json.loads(text))


class Checked(TestResponse):
    """An answer whose body is checked when it is read; a stream is not read before the test does."""

    document: Document | None = None

    def get_data(self, *args: Any, **named: Any) -> Any:
        data = super().get_data(*args, **named)
        document, self.document = self.document, None
        if document is not None:
            judge(document, answer_of(self))
        return data


class CheckedClient(FlaskClient):
    """A client that checks every answer of `/api/v1/`."""

    document: Document

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.response_wrapper = type("CheckedResponse", (Checked, self.response_wrapper), {})

    def open(self, *args: Any, **named: Any) -> TestResponse:
        response = super().open(*args, **named)
        path = response.request.path
        if path.startswith("/api/v1/") and path != OPENAPI:
            whole = "Content-Length" in response.headers or response.request.method == "HEAD"
            judge(self.document, answer_of(response, read=whole))
            if isinstance(response, Checked) and not whole:
                response.document = self.document
        return response


def checked(app: Flask) -> type[CheckedClient]:
    """Return a client class that knows the application's document."""
    text = app.test_client().get(OPENAPI).get_data(as_text=True)
    return type("Client", (CheckedClient,), {"document": document_of(text)})


@dataclass(frozen=True)
class Answer:
    """An answer with its request, from any client."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    data: bytes | None
    """Uncompressed; None if it was not read."""

    @property
    def type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip()


def judge(document: Document, answer: Answer) -> None:
    """Check an answer. Raises Undocumented."""
    operation = document.operation(answer.method.lower(), answer.path)
    if operation is None:
        _unknown(document, answer)
        return
    said = document.response(operation, answer.status)
    _headers(document, said, answer)
    if "content" in said:
        if answer.type not in said["content"] and not (answer.method == "HEAD" and not answer.type):
            raise Undocumented(f"{operation} {answer.status} is {answer.type!r}")
        if answer.data is not None and answer.method != "HEAD":
            _body(document, said["content"][answer.type]["schema"], answer)
    elif answer.data:
        raise Undocumented(f"{operation} {answer.status} has a body")


def _unknown(document: Document, answer: Answer) -> None:
    """Check the answer to an unknown path or method: a Problem, or Flask's own answer to OPTIONS."""
    if answer.method == "OPTIONS" and answer.status == 200:
        return
    if answer.status not in (404, 405, 413) or ("Allow" in answer.headers) != (answer.status == 405):
        raise Undocumented(f"{answer.method} {answer.path}: {answer.status}")
    if answer.type != PROBLEM:
        raise Undocumented(f"{answer.path} is {answer.type!r}")
    if answer.data:
        document.check({"$ref": "#/components/schemas/Problem"}, json.loads(answer.data))


def _headers(document: Document, said: Json, answer: Answer) -> None:
    named = {name.lower(): document.resolved(header) for name, header in said.get("headers", {}).items()}
    for name, value in answer.headers.items():
        if OURS.fullmatch(name) and name.lower() not in named:
            raise Undocumented(f"{name} is sent and not documented, with {answer.status}")
        schema = named.get(name.lower(), {}).get("schema", {})
        document.check(schema, int(value) if schema.get("type") == "integer" and value.isdigit() else value)
    for name, header in named.items():
        if header.get("required") and name not in {sent.lower() for sent in answer.headers}:
            raise Undocumented(f"{name} is documented and not sent, with {answer.status}")


def _body(document: Document, schema: Json, answer: Answer) -> None:
    data = answer.data or b""
    if schema.get("format") == "binary":
        return
    lines = [json.loads(line) for line in data.decode().split("\n")[:-1]] if answer.type == LINES else json.loads(data)
    document.check(schema, lines)


def answer_of(response: TestResponse, *, read: bool = True) -> Answer:
    """Return Flask's answer in our form. The method may be named in a header (server/api/uploads.py)."""
    request = response.request
    named = request.headers.get("X-HTTP-Method-Override") if "/uploads" in request.path else None
    data = unpacked(response.headers.get("Content-Encoding"), TestResponse.get_data(response)) if read else None
    return Answer(named or request.method, request.path, response.status_code, dict(response.headers), data)


def unpacked(coding: str | None, data: bytes) -> bytes:
    """Return the uncompressed body."""
    if coding == "br":
        return bytes(brotli.decompress(data))
    return gzip.decompress(data) if coding == "gzip" else data
