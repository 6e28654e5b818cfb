"""What a form or an address brings, declared once: a class names the inputs, and marshmallow reads them.

    class RestDay(Inputs):
        day: date | None
        how: str

    sent = RestDay.sent()  # of the form; `RestDay.asked()` is of the address

The type of an input says how it is read; what is not there is empty. A number that the page made is an `int`, and
anything else there is `bad_request`. `from_` is the input `from`. Days are ISO days by now (typed_days.py).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import MISSING, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Self, dataclass_transform, get_type_hints

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.fields import Field
from werkzeug.datastructures import FileStorage, MultiDict

from server.core.problem_details import Problem
from sync.values import is_date

_COLUMN_DIGITS: Final = 9
"""A number of so many digits fits a column of the database."""


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file that was chosen."""

    name: str
    _file: FileStorage

    @contextmanager
    def kept(self) -> Iterator[Path]:
        """Keep it in a folder of its own while somebody reads it."""
        with tempfile.TemporaryDirectory(prefix="loa-file-") as folder:
            path = Path(folder) / "file"
            self._file.save(path)
            self._file.close()  # a large one is a temporary file
            yield path


class _Text(Field[str]):
    """`strip`: without blanks around it. `lines`: its ends of lines are ours. `most`: the rest is cut off."""

    def __init__(self, *, strip: bool = False, lines: bool = False, most: int | None = None) -> None:
        super().__init__(load_default="")
        self._strip, self._lines, self._most = strip, lines, most

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> str:
        value = value.replace("\r\n", "\n") if self._lines else value
        return (value.strip() if self._strip else value)[: self._most]


class _Read(Field[str]):
    """A text that is read by a function; of one that it does not understand nothing is left."""

    def __init__(self, reads: Callable[[str], bool], most: int | None = None) -> None:
        super().__init__(load_default="")
        self.reads, self._most = reads, most

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> str:
        value = value[: self._most]
        return value if self.reads(value) else str(self.load_default)


class _Flag(Field[bool]):
    """True for one text in the address, which says it."""

    def __init__(self, said: str, name: str | None) -> None:
        super().__init__(load_default=False, data_key=name)
        self.said = said

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> bool:
        return value == self.said

    def reads(self, value: str) -> bool:
        """Understand the text, and 0 for a flag that is 1 or 0."""
        return value == self.said or (self.said, value) == ("1", "0")


class _Maybe(Field[str | None]):
    def __init__(self) -> None:
        super().__init__(load_default=None)

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> str:
        return value


class _Tick(Field[bool]):
    def __init__(self, *, bare: bool = False) -> None:
        super().__init__(load_default=False)
        self._bare = bare

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> bool:
        return self._bare or value not in ("", "0")


class _Number(Field[int]):
    def __init__(self) -> None:
        super().__init__(required=True)

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> int:
        if not (value.isascii() and value.isdecimal() and len(value) <= _COLUMN_DIGITS):
            raise ValidationError("number")
        return int(value)


class _Count(Field[int]):
    """A number of the address; of what is none the usual one."""

    def __init__(self, usual: int, digits: int) -> None:
        super().__init__(load_default=usual)
        self._digits = digits

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> int:
        good = value.isdecimal() and value.isascii() and len(value) <= self._digits
        return int(value) if good else int(self.load_default)


class _Day(Field[date | None]):
    def __init__(self) -> None:
        super().__init__(load_default=None)

    def _deserialize(self, value: str, *_args: Any, **_named: Any) -> date | None:
        return date.fromisoformat(value) if is_date(value) else None


class _Wide(Field[Any]):
    """What is not one value of the form."""

    def deserialize(self, _value: Any, attr: str | None = None, data: Any = None, **_named: Any) -> Any:  # type: ignore[override]  # any value is as good
        return self._take(attr or "", data)

    def _take(self, name: str, data: MultiDict[str, str]) -> Any:
        raise NotImplementedError


class _Several(_Wide):
    def __init__(self) -> None:
        super().__init__(load_default=list)

    def _take(self, name: str, data: MultiDict[str, str]) -> list[str]:
        return data.getlist(name)


class _ChosenFile(_Wide):
    def _take(self, name: str, _data: MultiDict[str, str]) -> ChosenFile | None:
        file = request.files.get(name)
        return ChosenFile(file.filename, file) if file and file.filename else None


class _Files(_Wide):
    def _take(self, name: str, _data: MultiDict[str, str]) -> list[FileStorage]:
        return [each for each in request.files.getlist(name) if each.filename]


class _Named(_Wide):
    """All inputs whose names begin so, by the rest of the name."""

    def __init__(self, prefix: str, *, several: bool) -> None:
        super().__init__(load_default=dict)
        self.prefix, self._several = prefix, several

    def _take(self, _name: str, data: MultiDict[str, str]) -> dict[str, Any]:
        names = [name for name in data if name.startswith(self.prefix)]
        return {name.removeprefix(self.prefix): data.getlist(name) if self._several else data[name] for name in names}


def cut(most: int) -> _Text:
    """Read a text, and cut off what is longer."""
    return _Text(most=most)


def among(known: Container[str] | Callable[[], Container[str]]) -> _Read:
    """Read a text that is one of these, or of those that a function returns; any other is as none."""
    return _Read(lambda text: text in (known() if callable(known) else known))


def only(reads: Callable[[str], bool], most: int | None = None) -> _Read:
    """Read a text that the function understands; any other is as none. `most`: the rest is cut off before."""
    return _Read(reads, most)


def flag(said: str, name: str | None = None) -> _Flag:
    """Read whether the address says so. `name`: what the input is called there."""
    return _Flag(said, name)


def count(usual: int = 0, digits: int = 8) -> _Count:
    """Read a number of at most so many digits; of what is none, `usual`."""
    return _Count(usual, digits)


def named(prefix: str, *, several: bool = False) -> _Named:
    """Read all inputs whose names begin so, by the rest of the name; `several`: all values of each."""
    return _Named(prefix, several=several)


Line = Annotated[str, _Text(strip=True)]
"""A text without blanks around it."""
Lines = Annotated[str, _Text(lines=True)]
"""A text of several lines, as ours end."""
Page = Annotated[int, _Count(1, 8)]
"""The number of a page; of what is no number the first."""
Bare = Annotated[bool, _Tick(bare=True)]
"""True if the input is there, also without a value."""
_BY_TYPE: Final[Mapping[Any, type[Field[Any]]]] = {
    str: _Text,
    str | None: _Maybe,
    bool: _Tick,
    int: _Number,
    list[str]: _Several,
    date | None: _Day,
    ChosenFile | None: _ChosenFile,
    list[FileStorage]: _Files,
}


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Inputs:
    """The inputs of one form, or of one address. A subclass names them with their types."""

    def __init_subclass__(cls) -> None:
        """Make it a dataclass."""
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    def sent(cls) -> Self:
        """Read the form that was sent. Raises Problem `bad_request`."""
        return cls.read(request.form)

    @classmethod
    def asked(cls) -> Self:
        """Read the address. Raises Problem `bad_request`."""
        return cls.read(request.args)

    @classmethod
    def either(cls) -> Self:
        """Read the form that was sent, or the address: a page and the answer to its form ask for the same."""
        return cls.read(request.values)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """Read a form or a query that was kept. Raises Problem `bad_request`."""
        try:
            return cls(**_schema(cls).load(given if isinstance(given, MultiDict) else MultiDict(given)))
        except ValidationError as fault:
            named_wrong: dict[str, Any] = fault.messages_dict
            raise Problem("bad_request", next(iter(named_wrong))) from fault

    def values(self) -> dict[str, Any]:
        """Return all of them by name."""
        return {name: getattr(self, name) for name in self._names()}

    def args(self, **other: Any) -> dict[str, Any]:
        """Return the arguments of `url_for` for these with `other` changed; what is as by default is left out."""
        known, found = _schema(type(self)).fields, self.values() | other
        return {
            self._schema_name(name): self._said(name, value)
            for name, value in found.items()
            if value and not (name in known and value == known[name].load_default)
        }

    def but(self, **other: Any) -> Self:
        """Return these with `other` changed."""
        return type(self)(**(self.values() | other))

    @classmethod
    def understood(cls) -> dict[str, Callable[[str], bool]]:
        """Return by name whether an input understands a value (bad_filter.py)."""
        fields_ = _schema(cls).fields
        return {each.data_key or name: getattr(each, "reads", _anything) for name, each in fields_.items()}

    @classmethod
    def names(cls, rest: str = "") -> list[str]:
        """Return what the inputs are called in a form. `rest`: for those of which only the beginning is known."""
        fields_ = _schema(cls).fields
        return [
            f"{each.prefix}{rest}" if isinstance(each, _Named) else each.data_key or name
            for name, each in fields_.items()
        ]

    def _said(self, name: str, value: Any) -> Any:
        if value is True:
            return getattr(_schema(type(self)).fields.get(name), "said", 1)
        return value.isoformat() if isinstance(value, date) else value

    def _schema_name(self, name: str) -> str:
        field = _schema(type(self)).fields.get(name)
        return field.data_key or name if field else name

    @classmethod
    def _names(cls) -> list[str]:
        return [each.name for each in fields(cls)]  # type: ignore[arg-type]  # a dataclass by __init_subclass__


def _anything(_value: str) -> bool:
    """Understand every value: one that names nothing is looked for, and not found."""
    return True


_SCHEMAS: Final[dict[type[Any], Schema]] = {}


def _schema(cls: type[Any]) -> Schema:
    """Return the schema of these inputs. It is made once, at their first use: their types are known by then."""
    if cls in _SCHEMAS:
        return _SCHEMAS[cls]
    made: dict[str, Any] = {}
    hints = get_type_hints(cls, include_extras=True)
    for each in fields(cls):
        hint = hints[each.name]
        marks = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Field)]
        field = deepcopy(marks[0]) if marks else _BY_TYPE[hint]()  # a mark may be of several inputs
        if each.default is not MISSING:
            field.load_default, field.required = each.default, False
        if each.name.endswith("_") and not field.data_key:
            field.data_key = each.name.rstrip("_")
        made[each.name] = field
    return _SCHEMAS.setdefault(cls, Schema.from_dict(made, name=cls.__name__)(unknown=EXCLUDE))


class ListPageAsked(Inputs):
    """Which page of a list is shown."""

    page: Page


class FileForm(Inputs):
    """A form with a file."""

    file: ChosenFile | None

    @property
    def file_name(self) -> str:
        """Its name; empty if none was chosen."""
        return self.file.name if self.file else ""

    @contextmanager
    def kept(self, *, empty: bool = False) -> Iterator[Path]:
        """Keep it while somebody reads it; if none was chosen, nothing is there, or with `empty` an empty file."""
        if self.file:
            with self.file.kept() as path:
                yield path
            return
        with tempfile.TemporaryDirectory(prefix="loa-file-") as folder:
            path = Path(folder) / "file"
            if empty:
                path.touch()
            yield path


def sent_file(name: str) -> FileStorage | None:
    """Return a file as it came, which nobody keeps: it is where the server received it."""
    return request.files.get(name)


def has_files(name: str) -> bool:
    """Return True if a file was chosen in this field."""
    return any(each.filename for each in request.files.getlist(name))


def whole_form() -> MultiDict[str, str]:
    """Return the form as it was sent: where a kind or a campaign makes its inputs, and to show again what was typed."""
    return request.form


def whole_address() -> MultiDict[str, str]:
    """Return what the address asks, as it was sent."""
    return request.args
