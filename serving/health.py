"""``/healthz``: the process is up. ``/readyz``: it can also do its work."""

from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from serving.settings import Settings
from store.database import newest_revision
from store.errors import StoreError

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer without asking anybody: a database that is away is no reason to restart the process."""
    return {"status": "ok"}


@health.get("/readyz")
def readyz() -> dict[str, str]:
    """Answer 200 when the database answers and its schema is the one this code was written for, else 503."""
    settings: Settings = current_app.extensions["flinch"]
    try:
        with settings.store.session() as session:
            revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError as error:
        raise StoreError("the database has no schema of flinch") from error
    if revision != newest_revision():
        raise StoreError(f"the schema is at revision {revision}, this code needs {newest_revision()}")
    return {"status": "ready"}
