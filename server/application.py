"""The application factory: `create_app` joins the front ends, the services' state and the capabilities."""

from __future__ import annotations

from flask import Flask
from flask_cors import CORS
from sqlalchemy import make_url

from server import api, desk, errors, pwa, rights
from server.api.caller import device_roles, identify
from server.blobs.chosen import blobs_of
from server.changing import complete, engine_options, pooled_options
from server.core import db, restore_state
from server.core.keyring import Purpose
from server.desk import guard
from server.health import HealthProbe
from server.registration import collect
from server.rights import Way
from server.services.access.code_door import CodeDoor
from server.services.audit import heads
from server.services.exchange.round_trip import Server
from server.services.jobs import Jobs
from server.services.photos.uploads import Partials, Sweeper
from server.services.records import streams
from server.services.reports.documents.report_files import Converter
from server.serving import every_request, installation, security_txt
from server.serving.installation import Installation, install
from server.serving.lazy_rules import LazyRule
from server.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the WSGI application; settings come from the environment unless given.

    Raises restore_state.Unfinished while the database is half restored.
    """
    settings = settings or Settings.from_environment()
    restore_state.check(settings.data_dir)
    settings.make_data_dir()
    app = Flask("server", static_folder=None)
    app.url_rule_class = LazyRule
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_pool_url or settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings) | pooled_options(settings),
        SESSION_COOKIE_NAME=every_request.cookie_name("session", secure=settings.secure_cookies),
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    db.init_app(app, pooled=settings.database_pool_url is not None)
    found = collect()
    attach(app, settings)
    every_request.init_app(app)
    api.init_app(app)
    errors.init_app(app)  # after flask-smorest, because this replaces its error form
    desk.init_app(app, found.desk, found.entries)
    pwa.init_app(app)
    security_txt.init_app(app)
    if settings.allowed_origins:
        CORS(app, resources={r"/api/*": {"origins": list(settings.allowed_origins)}}, expose_headers=api.EXPOSED)
    every_request.trust_proxies(app, settings.trusted_proxies)
    ways = {Way.DESK: guard.need_sign_in, Way.PASSWORD: guard.need_password, Way.DEVICE: identify}
    rights.init_app(app, ways, {Way.DESK: guard.me, Way.DEVICE: device_roles})
    return app


def attach(app: Flask, settings: Settings) -> None:
    """Give the application, whose engine is set, what belongs to its data folder and keys."""
    ring, folder = settings.keyring, settings.data_dir
    sessions, *older = ring.all(Purpose.SESSIONS)
    app.config.update(
        SECRET_KEY=sessions.material,
        SECRET_KEY_FALLBACKS=[key.material for key in older],
        WTF_CSRF_SECRET_KEY=ring.signing(Purpose.FORMS),
    )
    partials = Partials(folder / "partial")
    blobs = blobs_of(folder, settings.bucket, partials.forget)
    with app.app_context():
        engine = db.db.engine
    complete(engine, settings)
    jobs = Jobs(engine, folder, blobs, make_url(settings.database_url))
    made = Installation(
        settings=settings,
        keyring=ring,
        blobs=blobs,
        partials=partials,
        sweeper=Sweeper(folder, partials, blobs),
        exchange=Server(blobs, ring, streams.cursor_keys(ring), installation.device_budget(settings)),
        code_door=CodeDoor(settings.workers, ring),
        jobs=jobs,
        pdf=Converter(settings.soffice, folder),
        health=HealthProbe(app, settings.sqlite_file, folder / heads.NAME),
    )
    install(app, made)
    with app.app_context():
        for register in collect().job_kinds:
            register(app, jobs)
