"""The door to the rows: engine, sessions and migrations, on SQLite (WAL) or PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from store.blobs import Blobs
from store.columns import dump_json
from store.errors import StoreError
from store.home import Home

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE_SECONDS = 30
POSTGRES = ("postgresql", "postgres")

# What an operator can mend, by SQLite's names of its errors and by PostgreSQL's SQLSTATE (its manual, appendix A).
REFUSALS = (
    (("SQLITE_FULL", "53100"), "the disk is full; free some space and run the command again"),
    (("SQLITE_READONLY", "25006", "42501"), "the database is read-only for you; use one that you may write to"),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"), "the database is damaged; restore it from a backup"),
    (("SQLITE_BUSY", "40001", "40P01", "55P03"), "another process is writing; run the command again later"),
    (("SQLITE_CANTOPEN", "SQLITE_IOERR"), "the file cannot be opened, read or written; check disk and folder"),
)


class Store:
    """One home's rows and blobs."""

    def __init__(self, home: Home, engine: Engine) -> None:
        self.home = home
        self.engine = engine
        self.blobs = Blobs(home.blobs)
        self._sessions = sessionmaker(engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session that commits at the end and rolls back on any error.

        Raises StoreError when the database is full, read-only, damaged or unreachable.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except DatabaseError as error:
            refusal = _refusal(error, self.home)
            if refusal is None:
                raise
            raise refusal from error

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_store(home: Home) -> Store:
    """Make the home if needed, bring the schema to its newest revision, sweep what was left, and return the store.

    Raises StoreError when the folder cannot be written to, or the database does not answer or is of a newer Flinch.
    """
    home.prepare()
    try:
        engine = make_engine(home.database_url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise StoreError(f"FLINCH_DATABASE_URL is no database address that is known here: {error}") from error
    try:
        bring_up_to_date(engine)
    except DatabaseError as error:
        engine.dispose()
        refusal = _refusal(error, home)
        if refusal is None:
            raise
        raise refusal from error
    store = Store(home, engine)
    store.blobs.sweep(time.time())
    return store


def make_engine(url: str) -> Engine:
    """Return an engine; SQLite gets WAL, foreign keys and a wait of 30 s for a lock."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _server_engine(parsed)
    engine = create_engine(parsed, connect_args={"timeout": PATIENCE_SECONDS}, json_serializer=dump_json)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        _switch_to_wal(connection)
        # FULL is slower than NORMAL, but a label that a person gave survives a power cut.
        for pragma in ("foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _switch_to_wal(connection: Any) -> None:
    """Wait for the switch here: SQLite does not, and of two processes that make a file at once one would end."""
    last = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > last:
                raise
            time.sleep(0.01)
        else:
            return


def _server_engine(url: URL) -> Engine:
    if url.drivername in POSTGRES:
        # SQLAlchemy 2.1 reads postgresql:// as psycopg 3, other tools write postgres://: ours is psycopg2.
        url = url.set(drivername="postgresql+psycopg2")
    # A host that swallows packets would keep a command waiting for minutes.
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    return create_engine(url, pool_pre_ping=True, connect_args=patience, json_serializer=dump_json)


def bring_up_to_date(engine: Engine) -> None:
    """Migrate unless the schema is at the newest revision.

    Raises StoreError when the schema is newer than this code: writing to it would damage it.
    """
    revision = _revision(engine)
    if revision == newest_revision():
        return
    if revision is not None and revision not in _revisions():
        raise StoreError(
            f"the store has schema {revision}, which this flinch does not know (its newest: {newest_revision()}); "
            "use the flinch that wrote it, or a newer one"
        )
    migrate(engine)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision (alembic), by default the newest; two processes at once take turns."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic reads its options as a template, in which a percent sign is doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        lock_writers(connection)
        command.upgrade(config, revision)
        connection.commit()


def newest_revision() -> str:
    """Return the newest revision's name."""
    return max(_revisions())


def _revisions() -> set[str]:
    """Read the names of the files, since alembic costs 200 ms to import."""
    return {path.stem.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def lock_writers(connection: Connection) -> None:
    """Keep others who migrate or file waiting until this transaction ends; wait for one who does so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7046029254386353131)"))
    elif not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refusal(error: DatabaseError, home: Home) -> StoreError | None:
    """Translate what an operator can mend; None for a bug of ours, which keeps its traceback."""
    where = make_url(home.database_url).render_as_string(hide_password=True)
    cause = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "pgcode", None)
    for codes, advice in REFUSALS:
        if code and code.startswith(codes):
            return StoreError(f"{where}: {advice} ({cause})")
    if isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error):
        return StoreError(f"{where}: the database does not answer ({cause}); check FLINCH_DATABASE_URL")
    return None
