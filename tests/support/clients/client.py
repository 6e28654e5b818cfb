"""Flask's client with a device's token, and the few requests every API test makes."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

TUS = {"Tus-Resumable": "1.0.0"}
APP = 3
"""What the phone app gives as its number (SPEC V-1)."""
OCTETS = "application/offset+octet-stream"


@dataclass
class Client:
    """The API as one device sees it."""

    http: FlaskClient
    token: str

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(more or {})}

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self.http.get(f"/api/v1{path}", headers=self._headers(headers), buffered=True)

    def post(self, path: str, headers: dict[str, str] | None = None, **named: Any) -> TestResponse:
        named.setdefault("content_type", "application/json")
        if path == "/sync" and isinstance(named.get("json"), dict):
            named["json"] = {"app": APP} | named["json"]
        return self.http.post(f"/api/v1{path}", headers=self._headers(headers), **named)

    def sync(self, *writes: Any, photos: list[str] | None = None) -> dict[str, Any]:
        answer = self.post("/sync", json={"writes": list(writes), "photos": photos or []})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        body: dict[str, Any] = answer.get_json()
        return body

    def result(self, write: Any) -> tuple[str, str | None, str | None]:
        """(result, code, field) of one write."""
        row = self.sync(write)["results"][0]
        return row["result"], row.get("code"), row.get("field")

    def create_upload(self, sha256: str, length: int, data: bytes = b"") -> TestResponse:
        packed = base64.b64encode(sha256.encode()).decode()
        headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": f"sha256 {packed}"}
        return self.post("/uploads", headers, data=data, content_type=OCTETS if data else None)

    def append(self, sha256: str, offset: int, data: bytes, content_type: str = OCTETS) -> TestResponse:
        headers = self._headers({**TUS, "Upload-Offset": str(offset)})
        return self.http.patch(f"/api/v1/uploads/{sha256}", headers=headers, data=data, content_type=content_type)

    def offset(self, sha256: str) -> int:
        answer = self.http.head(f"/api/v1/uploads/{sha256}", headers=self._headers(TUS))
        return int(answer.headers["Upload-Offset"]) if answer.status_code == 200 else -1


@dataclass(frozen=True)
class Shot:
    """A photo as a phone has it: the bytes, their thumbnail, and the register that names both."""

    data: bytes
    thumb: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def thumb_sha256(self) -> str:
        return hashlib.sha256(self.thumb).hexdigest()

    @property
    def register(self) -> dict[str, Any]:
        """The `set` of a write that adds it (SPEC P-1)."""
        value = {
            "sha256": self.sha256,
            "size_bytes": len(self.data),
            "width": 640,
            "height": 480,
            "type": "image/jpeg",
            "thumb_sha256": self.thumb_sha256,
            "thumb_size_bytes": len(self.thumb),
            "taken_at": 1_627_000_000_000,
            "source": "camera",
        }
        return {f"photos/{self.sha256[:16]}": value}


def shot(seed: int = 0) -> Shot:
    """A JPEG of noise-like stripes, different for each seed."""
    return Shot(_jpeg(seed, (640, 480)), _jpeg(seed + 1000, (320, 240)))


def _jpeg(seed: int, size: tuple[int, int]) -> bytes:
    image = Image.effect_noise(size, 40 + seed % 50).convert("RGB")
    image.putpixel((0, 0), (seed % 256, seed // 256 % 256, 7))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


MakeClient = Callable[[str], Client]
"""`client("xa1")`: the API with a new device of that officer."""
