"""The door to the rows: engine, sessions and migrations, on SQLite (WAL) or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from store.blobs import Blobs
from store.errors import StoreError
from store.home import Home

MIGRATIONS = Path(__file__).parent / "migrations"
POSTGRES = ("postgresql", "postgres")


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
    """Make the home if needed, bring the schema to its newest revision, and return the store.

    Raises StoreError when the folder cannot be written to or the database does not answer.
    """
    home.prepare()
    try:
        engine = make_engine(home.database_url)
        if _revision(engine) != newest_revision():
            migrate(engine)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"FLINCH_DATABASE_URL is no database address that is known here: {error}") from error
    except DatabaseError as error:
        refusal = _refusal(error, home)
        if refusal is None:
            raise
        raise refusal from error
    return Store(home, engine)


def make_engine(url: str) -> Engine:
    """Return an engine; SQLite gets WAL, foreign keys and a wait of 30 s for a lock."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(_with_driver(url), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # FULL is slower than NORMAL, but a label that a person gave survives a power cut.
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _with_driver(url: str) -> URL:
    """SQLAlchemy 2.1 reads ``postgresql://`` as psycopg 3, other tools write ``postgres://``: ours is psycopg2."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg2") if parsed.drivername in POSTGRES else parsed


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision (alembic); two processes at once wait for each other."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        _lock_schema(connection)
        command.upgrade(config, "head")
        connection.commit()


def newest_revision() -> str:
    """Return the newest revision's name; read from the file names, since alembic costs 200 ms to import."""
    return max(path.stem.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _lock_schema(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        # Held until the commit: a second server that starts now waits and then finds the schema done.
        connection.execute(text("SELECT pg_advisory_xact_lock(7046029254386353131)"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refusal(error: DatabaseError, home: Home) -> StoreError | None:
    """Translate what an operator can mend; None for a bug of ours, which keeps its traceback."""
    cause = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    where = make_url(home.database_url).render_as_string(hide_password=True)
    if "is full" in cause or "No space left" in cause:
        return StoreError(f"{where}: the disk is full; free some space and run the command again")
    if "readonly" in cause or "read-only" in cause:
        return StoreError(f"{where}: the database is read-only; set FLINCH_HOME to a folder of yours")
    if "malformed" in cause or "not a database" in cause:
        return StoreError(f"{where}: the file is no SQLite database or is damaged; restore it from a backup")
    if isinstance(error, OperationalError):
        return StoreError(f"{where}: the database does not answer ({cause}); check FLINCH_DATABASE_URL")
    return None
