"""A real S3 service from a wheel: SeaweedFS on loopback, started once a session, its data in the session's folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from server.blobs import StoreUnavailable
from server.blobs.bucket import Bucket
from server.blobs.s3_client import Client
from support.installation.certificate import signed_by_own_ca
from support.installation.ports import LOOPBACK, free_port
from support.network.machines import Machine

WEED = Path(sys.executable).parent / "weed"
BUCKET = "photos"
READY_WITHIN_S = 60
_SERVICES = ("master", "volume", "filer", "s3")
_OWNER = {"name": "owner", "actions": ["Admin"], "credentials": [{"accessKey": "owner", "secretKey": "owner's secret"}]}
_GUEST = {
    "name": "guest",  # for whom no bucket is made by itself
    "actions": ["Read", "Write", "List"],
    "credentials": [{"accessKey": "guest", "secretKey": "guest's secret"}],
}


@dataclass
class S3:
    """The service; not `signed`, it lets everybody in.

    Each bucket of a test is a prefix of one real bucket, because each real one takes seven volumes.
    """

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in _SERVICES})
    rpc: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in _SERVICES})
    signed: bool = True
    machine: Machine = field(default_factory=Machine)
    addresses: tuple[str, ...] = ()
    """For which its certificate is good, beside this machine's own."""
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _numbers: count[int] = field(default_factory=count)

    @property
    def port(self) -> int:
        """Where it speaks S3."""
        return self.ports["s3"]

    def bucket(self, *, port: int | None = None, address: str = "") -> Bucket:
        """An empty bucket. `port`, `address`: of a bad link in front; over TLS if it is on another machine."""
        over_tls = address not in ("", LOOPBACK)
        return Bucket(
            endpoint=f"{'https' if over_tls else 'http'}://{address or self.machine.address}:{port or self.port}",
            name=BUCKET,
            region="us-east-1",
            key_id="owner",
            secret="owner's secret",
            prefix=f"test/{next(self._numbers)}",
            ca=self.ca if over_tls else None,
        )

    @property
    def ca(self) -> Path:
        """The authority that signed its certificate, for `tls_port`."""
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Start, and wait until it takes a photo."""
        self.folder.mkdir(parents=True, exist_ok=True)
        identities = self.folder / "identities.json"
        config: list[str] = [f"-s3.config={identities}"] if self.signed else []
        identities.write_text(json.dumps({"identities": [_OWNER, _GUEST]}))
        ports = [f"-{name}.port={port}" for name, port in self.ports.items()]
        rpc = [f"-{name}.port.grpc={port}" for name, port in self.rpc.items()]
        if not self.ca.exists():
            signed_by_own_ca(self.folder, *self.addresses)
        tls = [f"-s3.cert.file={self.folder / 'leaf.pem'}", f"-s3.key.file={self.folder / 'leaf-key.pem'}"]
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        address = self.machine.address
        with (self.folder / "weed.log").open("ab") as log, self.machine.entered():
            self.process = subprocess.Popen(
                [
                    *(str(WEED), "server", f"-dir={data}", f"-ip={address}", f"-ip.bind={address}", *ports, *rpc),
                    *(
                        "-filer",
                        "-s3",
                        *config,
                        *tls,
                        f"-s3.port.https={self.tls_port}",
                        "-s3.port.iceberg=0",
                        "-s3.port.lance=0",
                    ),
                    *("-master.electionTimeout=1s", "-master.heartbeatInterval=100ms", "-master.telemetry=false"),
                    *("-master.volumeSizeLimitMB=64", "-volume.max=200"),
                    *(f"-filer.localSocket={self.folder / 'filer.sock'}", "-volume.minFreeSpace=1"),
                ],
                env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def kill(self) -> None:
        """Kill it as a power cut does."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(10)

    def shell(self, *commands: str) -> None:
        """Run commands of its administrator."""
        master, filer = (f"{self.machine.address}:{self.ports[name]}.{self.rpc[name]}" for name in ("master", "filer"))
        subprocess.run(
            [WEED, "shell", f"-master={master}", f"-filer={filer}"],
            input="\n".join(["lock", *commands, "unlock", ""]).encode(),
            check=False,  # it may be too early: the caller sees
            capture_output=True,
            timeout=60,
        )

    def _wait(self) -> None:
        assert self.process is not None
        end = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                Client(self.bucket()).overwrite("ready", b"yes")
            except StoreUnavailable:
                time.sleep(0.1)
                if not self.signed:  # then it makes no bucket by itself
                    self.shell(f"s3.bucket.create -name {BUCKET}")
            else:
                if self.process.poll() is None:
                    return
        said = (self.folder / "weed.log").read_text(errors="replace")[-2000:]
        self.kill()
        message = f"weed did not answer:\n{said}"
        raise RuntimeError(message)


def settings(bucket: Bucket) -> dict[str, str]:
    """The bucket as settings of a server."""
    return {
        "LOA_S3_ENDPOINT": bucket.endpoint,
        "LOA_S3_BUCKET": bucket.name,
        "LOA_S3_KEY_ID": bucket.key_id,
        "LOA_S3_SECRET": bucket.secret,
        "LOA_S3_PREFIX": bucket.prefix,
    } | ({"LOA_S3_CA": str(bucket.ca)} if bucket.ca else {})
