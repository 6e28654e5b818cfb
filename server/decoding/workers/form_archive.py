"""What an uploaded form is, by its bytes and never by its name, before anything of it is unpacked into memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from docx.oxml.parser import parse_xml

from server.decoding.limits import Unfit

UNPACKED: Final = 40 * 1024**2
PARTS: Final = 1000
EXCEL, WORD = "xlsx", "docx"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""An Office file with a password is an OLE file that holds a stream of this name."""
_TYPES: Final = {
    EXCEL: b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    WORD: b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
}
_OUTSIDE: Final = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "word/embeddings/", "xl/embeddings/")
_READ_BY_OTHERS: Final = (
    "afchunk",
    "activex",
    "attachedtemplate",
    "control",
    "frame",
    "oleobject",
    "package",
    "subdocument",
)
"""How the types of relations to what another program reads begin: `control` is one of ActiveX, `ctrlProp` is not."""
_FONTS: Final = (".obfuscatedfont", "/x-fontdata", "/x-font-ttf", ".printersettings", ".vmldrawing")
"""Types that do not say that they are XML and harm nobody: fonts, what Word says to a printer, old drawings."""


def type_of(file: BinaryIO) -> str:
    """Return `xlsx` or `docx`. Raises Unfit for anything else, for macros, a password, and what is outside."""
    file.seek(0)
    head = file.read()
    if head.startswith(_OLE):
        raise Unfit("form_encrypted" if _ENCRYPTED in head else "form_old_office")
    names, types, relations = _parts(file)
    if any(name.endswith(("vbaProject.bin", "vbaData.xml")) for name in names) or b"macroEnabled" in types:
        raise Unfit("form_macros")
    outside = next((name for name in names if name.lower().startswith(_OUTSIDE)), "")
    if outside:
        raise Unfit("form_outside", outside)
    for name, content in relations.items():
        _check_relations(name, content)
    found = next((name for name, type_ in _TYPES.items() if type_ in types), "")
    if not found:
        raise Unfit("form_unknown")
    if found == WORD:
        _check_types(names, types)
    return found


def _check_types(names: Sequence[str], types: bytes) -> None:
    """Refuse a part of a Word file that is neither XML, a picture nor a font: it is read by another program."""
    root = _root("[Content_Types].xml", types)
    by_name = {each.get("PartName", "").lower(): each.get("ContentType", "") for each in root.iter()}
    by_ending = {each.get("Extension", "").lower(): each.get("ContentType", "") for each in root.iter()}
    for name in names:
        if name == "[Content_Types].xml" or name.endswith("/"):
            continue
        type_ = (by_name.get(f"/{name}".lower()) or by_ending.get(name.rpartition(".")[2].lower(), "")).lower()
        is_read = type_.startswith("image/") or type_.endswith(("/xml", "+xml", *_FONTS))
        if not is_read or "xhtml" in type_ or "activex" in type_:
            raise Unfit("form_outside", name[:60])


def _check_relations(name: str, content: bytes) -> None:
    """Refuse a part that refers to something outside. Only a link that somebody has to click is allowed."""
    for each in _root(name, content).iter():
        type_ = each.get("Type", "").rpartition("/")[2].lower()
        is_outside = each.get("TargetMode", "Internal") != "Internal" and type_ != "hyperlink"
        if is_outside or type_.startswith(_READ_BY_OTHERS):
            raise Unfit("form_outside", each.get("Target", name)[:60])


def _root(name: str, content: bytes) -> Any:
    if b"\0" in content:  # UTF-16, which no office program writes here
        raise Unfit("form_outside", name)
    try:
        root: Any = parse_xml(content)  # it resolves no entities
    except Exception as error:
        raise Unfit("form_unknown") from error
    if root.getroottree().docinfo.doctype:
        raise Unfit("form_outside", name)
    return root


def _parts(file: BinaryIO) -> tuple[list[str], bytes, dict[str, bytes]]:
    """Return the names of its parts, the list of their types, and what they refer to, by name."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            fits = len(parts) <= PARTS and sum(part.file_size for part in parts) <= UNPACKED
            names = [part.filename for part in parts]
            types = archive.read("[Content_Types].xml") if fits else b""
            relations = {name: archive.read(name) for name in names if fits and name.lower().endswith(".rels")}
    except Exception as error:  # whatever the library makes of a damaged file: zlib.error, EOFError and more
        raise Unfit("form_unknown") from error
    if not fits:
        raise Unfit("form_too_complex")
    return names, types, relations


_OWNER_WRITES: Final = 0o600 << 16


def dated(archive: BinaryIO, at: Sequence[int]) -> BinaryIO:
    """Write an archive anew, in its order, with one moment (year to second) on every part."""
    year, month, day, hour, minute, second = at
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            made = zipfile.ZipInfo(part.filename, (year, month, day, hour, minute, second))
            made.compress_type, made.external_attr, made.create_system = zipfile.ZIP_DEFLATED, _OWNER_WRITES, 3
            new.writestr(made, old.read(part))
    out.seek(0)
    return out
