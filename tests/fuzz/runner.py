"""Sends the cases to a real server and holds each answer against the document; counts what was reached.

The checks of schemathesis (no 5xx, documented status, type, headers and schema, wrong data is refused), and ours, which
also read lines, and take no key and no header that is not documented (support/clients/documented.py).
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from fuzz.cases import Source, cases, may_pass, packed
from fuzz.seeds import Seeds
from support.clients.documented import OPENAPI, Answer, Undocumented, document_of, judge

CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
REFUSALS: Final = ["4XX", "5XX"]
"""Wrong data is answered so; 5xx fails on its own."""
SLICE: Final = 400
WEIGHTS: Final = {"sync": 30, "{sha256}": 10, "uploads": 14, "photos": 8, "files": 8, "enrolment": 8, "catalog": 4}
"""Of a route whose path has that word; 1 for any other."""


@dataclass
class Run:
    """A server under fuzz, and what came of it."""

    url: str
    seeds: Seeds
    sent: int = 0
    reached: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = requests.Session()
        self._document = document_of(self._http.get(f"{self.url}{OPENAPI}", timeout=30).text)
        config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})
        self._schema = schemathesis.openapi.from_dict(self._document.content, config=config)
        self._schema.config.update(base_url=self.url)

    def go(self, cases_wanted: int, only: str = "", first_seed: int = 1) -> None:
        """Send so many cases, in slices, to the routes whose label has the word."""
        operations = [found.ok() for found in self._schema.get_all_operations() if isinstance(found, Ok)]
        chosen = [operation for operation in operations if only in operation.label]
        sources = [Source(operation, mode, self.seeds) for operation in chosen for mode in GenerationMode]
        total, size = 2 * sum(map(_weight, chosen)), min(SLICE, cases_wanted)
        number = first_seed
        while self.sent < cases_wanted:
            for source in sources:
                number += 1
                self._slice(source, max(2, size * _weight(source.operation) // total), number)

    def _slice(self, source: Source, share: int, number: int) -> None:
        @seed(number)
        @settings(
            max_examples=share,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(source))
        def send(case: Case[Any]) -> None:
            self._send(case)

        with suppress(Unsatisfiable):  # nothing of this route can be wrong
            send()

    def _send(self, case: Case[Any]) -> None:
        given_ = case.as_transport_kwargs(base_url=self.url)
        if (data := packed(case)) is not None:
            given_.pop("json", None)
            given_["data"] = data
            given_["headers"]["Content-Type"] = "application/json"
        response = self._http.request(**given_, timeout=30, allow_redirects=False)
        self.sent += 1
        self.reached[case.operation.label, response.status_code] += 1
        path = response.request.path_url.partition("?")[0]
        answer = Answer(case.method.upper(), path, response.status_code, response.headers, response.content)
        try:
            case.validate_response(response, checks=CHECKS[:-1] if may_pass(case, self._document) else CHECKS)
            judge(self._document, answer)
        except FailureGroup as group:
            for each in group.exceptions:
                self._note(case, each)
        except (Failure, Undocumented) as failure:
            self._note(case, failure)
        else:
            if case.operation.path.endswith("/sync") and answer.type == "application/json" and response.ok:
                self.seeds.learn(case.body, response.json())
            if "figures" in path and answer.type == "application/json" and response.ok and "shown" in response.json():
                self.seeds.shown[path.rpartition("/")[2]] = response.json()["shown"]
            if "uploads" in path and "Authorization" in case.headers:
                sha256 = (response.headers.get("Location") or path).rpartition("/")[2]
                if response.status_code in (201, 204, 404):
                    self.seeds.learn_upload(
                        sha256, case.headers["Authorization"], response.headers.get("Upload-Offset")
                    )

    def _note(self, case: Case[Any], failure: BaseException) -> None:
        key = f"{case.operation.label}: {type(failure).__name__}: {str(failure)[:300]}"
        self.failures.setdefault(key, case.as_curl_command()[:2000])

    def table(self) -> str:
        """Return the counts by route."""
        labels = sorted({label for label, _ in self.reached})
        lines = [f"{self.sent} cases, {len(self.failures)} kinds of failure"]
        for label in labels:
            counts = {status: count for (each, status), count in sorted(self.reached.items()) if each == label}
            lines.append(f"{label}: " + ", ".join(f"{status} x {count}" for status, count in counts.items()))
        return "\n".join(lines)


def _weight(operation: APIOperation[Any, Any, Any, Any]) -> int:
    if operation.method == "options":
        return 1
    return next((weight for word, weight in WEIGHTS.items() if word in operation.path), 1)
