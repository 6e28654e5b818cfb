"""Rules of addresses that are compiled for building when the first address is built.

Werkzeug compiles two functions for each of 250 rules when an application is made. That took three quarters of the time,
in every command and every worker, and a process builds addresses of few of them.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """A rule that matches as any other; should werkzeug rename the method, it is compiled at once again."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002  # werkzeug's
        make = super()._compile_builder

        def build(rule: Rule, **values: object) -> tuple[str, str]:
            made: Builder = make(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return build
