"""A self-signed certificate of this machine, like one made for a phone on the same network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.installation.ports import LOOPBACK


def signed_by_own_ca(folder: Path, *addresses: str) -> tuple[Path, Path, Path]:
    """Make an authority, and a certificate of this machine and these addresses signed by it.

    Returns the files: authority, certificate, key.
    """
    root, root_name = ec.generate_private_key(ec.SECP256R1()), _named("Loa's test authority")
    key, name = ec.generate_private_key(ec.SECP256R1()), _named(LOOPBACK)
    authority = _builder(root_name, root_name, root.public_key(), is_ca=True).sign(root, hashes.SHA256())
    leaf = _builder(root_name, name, key.public_key(), is_ca=False)
    leaf = leaf.add_extension(_here(*addresses), critical=False)
    files = folder / "ca.pem", folder / "leaf.pem", folder / "leaf-key.pem"
    files[0].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(leaf.sign(root, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files[2].write_bytes(_pem(key))
    return files


def certificate(folder: Path, days: int = 1) -> dict[str, str]:
    """Make the files in the folder, good for so many days. Returns the settings that name them."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named(LOOPBACK)
    made = (
        _builder(name, name, key.public_key(), is_ca=True, days=days)
        .add_extension(_here(), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(_pem(key))
    return {"LOA_TLS_CERT": str(cert_file), "LOA_TLS_KEY": str(key_file)}


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _here(*more: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in (LOOPBACK, *more)])


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, is_ca: bool, days: int = 1
) -> x509.CertificateBuilder:
    began = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
