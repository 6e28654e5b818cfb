"""X-Forwarded headers: believed from trusted proxies; a warning is logged if they come and no proxy is trusted."""

from __future__ import annotations

import logging

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from server.serving.installation import installed

log = logging.getLogger(__name__)
WARNING = (
    "X-Forwarded-For came in while LOA_TRUSTED_PROXIES is 0. If a proxy stands in front, all clients count as one "
    "address until LOA_TRUSTED_PROXIES says how many proxies there are; if none does, a client made it up. Said once."
)


def init_app(app: Flask, hops: int) -> None:
    """Trust this many proxies."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
        return

    @app.before_request
    def warn() -> None:
        if "X-Forwarded-For" in request.headers and WARNING not in (said := installed().said):
            said.add(WARNING)
            log.warning(WARNING)
