"""The database: migrated as declared, opened by many at once, and refused in one line when it cannot be used."""

import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError

import store as store_package
from store.database import POSTGRES, Store, make_engine, migrate, newest_revision, open_store
from store.errors import StoreError
from store.home import Home
from store.tables import Feedback, Image, Label, Table
from tests.store.disks import filled

REPOSITORY = Path(store_package.__file__).parents[1]

OPEN = """
import sys
from store.database import open_store
from store.home import Home
open_store(Home.from_environment()).close()
"""

WRITE_FOR_EVER = """
from itertools import count
from store.database import open_store
from store.home import Home
from store.tables import Feedback
store = open_store(Home.from_environment())
for number in count():
    with store.session() as session:
        session.add_all([Feedback(concept=f"{number}", url="u" * 2000, verdict=str(half)) for half in (1, 2)])
    if number == 0:
        print("writing", flush=True)
"""


@pytest.fixture(params=["sqlite", "bare_postgres"])
def empty_home(request, home) -> Home:
    """Return a home whose database has no tables yet, on either database."""
    if request.param == "sqlite":
        return home
    return replace(home, database_url=request.getfixturevalue("bare_postgres_url"))


def settings_of(home: Home) -> dict[str, str]:
    return {"FLINCH_HOME": str(home.path), "FLINCH_DATABASE_URL": home.database_url, "PYTHONPATH": str(REPOSITORY)}


def feedback(number: int = 0) -> Feedback:
    return Feedback(concept="trypophobia", url=f"https://a.example/{number}.png", verdict="cover")


def refusal(home: Home) -> str:
    """Open a store that cannot be opened; return what is said."""
    with pytest.raises(StoreError) as caught:
        open_store(home)
    assert caught.value.exit_code == 5
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_migrations_reach_exactly_what_the_rows_declare(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        difference = compare_metadata(context, Table.metadata)

    assert difference == []


def test_every_constraint_has_a_name_so_that_sqlite_can_change_it_later(store):
    inspector = inspect(store.engine)

    names = [
        constraint["name"]
        for table in Table.metadata.tables
        for constraint in [
            inspector.get_pk_constraint(table),
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
        ]
    ]

    assert len(names) > 15
    assert None not in names


def test_migrating_twice_changes_nothing(empty_home):
    empty_home.prepare()
    engine = make_engine(empty_home.database_url)

    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO feedback VALUES (1, 'c', 'u', 'v', '2026-03-01')"))
    migrate(engine)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
            newest_revision()
        ]
        assert connection.execute(text("SELECT count(*) FROM feedback")).scalar() == 1
    engine.dispose()


def test_a_store_of_the_first_release_keeps_its_rows_and_gets_the_new_columns(empty_home):
    empty_home.prepare()
    engine = make_engine(empty_home.database_url)
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO images VALUES (1, :sha, :pdq, 100, 9, 'PNG', 8, 8, '2026-03-01')"),
            {"sha": "a" * 64, "pdq": bytes(32)},
        )
        seen = (
            "INSERT INTO sightings (id, image_id, source, post, position, seen_at) VALUES (1, 1, 's', 'p', 0, :at)"
        )
        connection.execute(text(seen), {"at": "2026-03-01"})
    engine.dispose()

    store = open_store(empty_home)

    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT source, kind, hard_negative FROM sightings")).all()
    store.close()
    assert [tuple(row) for row in rows] == [("s", None, None)]


def test_two_processes_that_open_a_new_home_at_once_both_get_it(empty_home):
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN], env=settings_of(empty_home), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    said = [opener.communicate(timeout=60)[1] for opener in openers]

    assert said == [""] * 2
    assert [opener.returncode for opener in openers] == [0] * 2


def test_threads_that_open_a_new_home_at_once_all_get_it(empty_home):
    start = threading.Barrier(6)

    def opening(_: int) -> None:
        start.wait()
        open_store(empty_home).close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(opening, range(6))) == [None] * 6


def test_a_schema_of_a_newer_flinch_is_left_alone(store):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    said = refusal(store.home)

    assert said.startswith("the store has schema 9999, which this flinch does not know")


def test_sqlite_keeps_a_journal_and_foreign_keys(sqlite_home):
    store = open_store(sqlite_home)

    with store.engine.connect() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    store.close()

    assert pragmas == ["wal", 1, 2]


def test_a_row_of_a_picture_that_is_not_there_is_a_bug_and_stays_one(store):
    with pytest.raises(IntegrityError), store.session() as session:
        session.add(Label(image_id=4711, concept="c", value="v", origin="human", by="ann"))

    with store.session() as session:
        assert session.scalars(select(Label)).all() == []


def test_a_statement_that_is_wrong_is_a_bug_and_not_an_operators_problem(store):
    with pytest.raises(Exception, match="nowhere") as caught, store.session() as session:
        session.execute(text("SELECT * FROM nowhere"))

    assert not isinstance(caught.value, StoreError)


def test_a_session_that_fails_keeps_nothing(store):
    with pytest.raises(KeyError), store.session() as session:
        session.add(feedback())
        session.flush()
        raise KeyError

    with store.session() as session:
        assert session.scalars(select(Feedback)).all() == []


@pytest.mark.parametrize("damage", [b"this is no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused(home, damage):
    home.prepare()
    (home.path / "flinch.db").write_bytes(damage)

    assert "the database is damaged; restore it from a backup" in refusal(home)
    assert (home.path / "flinch.db").read_bytes() == damage


def test_a_database_with_a_damaged_page_is_refused_by_the_first_use_of_it(sqlite_home):
    store = open_store(sqlite_home)
    with store.session() as session:
        session.add_all([feedback(number) for number in range(3000)])
    store.close()
    file = sqlite_home.path / "flinch.db"
    data = bytearray(file.read_bytes())
    data[len(data) // 2 :] = b"\xa5" * (len(data) - len(data) // 2)
    file.write_bytes(data)

    store = open_store(sqlite_home)
    with pytest.raises(StoreError, match="damaged; restore it from a backup"), store.session() as session:
        session.scalars(select(Feedback)).all()
    store.close()


def test_a_database_in_a_folder_that_is_not_there_is_refused(home, tmp_path):
    said = refusal(replace(home, database_url=f"sqlite:///{tmp_path}/nowhere/flinch.db"))

    assert "unable to open database file" in said


def test_a_database_that_cannot_be_written_to_is_refused(sqlite_home, read_only_folder):
    if read_only_folder != Path("/proc") and read_only_folder.is_mount():
        subprocess.run(["mount", "-o", "remount,rw", str(read_only_folder)], check=True)
        shutil.copy(sqlite_home.path / "flinch.db", read_only_folder / "flinch.db")
        subprocess.run(["mount", "-o", "remount,ro", str(read_only_folder)], check=True)

    said = refusal(replace(sqlite_home, database_url=f"sqlite:///{read_only_folder}/flinch.db"))

    assert str(read_only_folder) in said


def test_a_disk_that_fills_up_is_one_line_and_the_rows_before_stay(small_disk, home):
    home = replace(home, database_url=f"sqlite:///{small_disk}/flinch.db")
    store = open_store(home)
    with store.session() as session:
        session.add(feedback())

    with filled(small_disk), pytest.raises(StoreError) as caught:
        for number in range(200):
            with store.session() as session:
                session.add_all([feedback(number) for _ in range(100)])
    store.close()

    assert "\n" not in str(caught.value)
    assert "disk" in str(caught.value)
    again = open_store(home)
    with again.session() as session:
        assert session.scalars(select(Feedback.url)).first() == "https://a.example/0.png"
    again.close()


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "foo://x",
        "mysql://root:secret@localhost/flinch",
        "postgresql+asyncpg://root:secret@localhost/flinch",
        "postgresql://root:secret@localhost:port/flinch",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_the_password(home, url):
    said = refusal(replace(home, database_url=url))

    assert said.startswith("FLINCH_DATABASE_URL is no database address that is known here: ")
    assert "secret" not in said


def test_a_postgres_that_is_not_there_is_refused_at_once(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        begun = time.monotonic()
        said = refusal(replace(home, database_url=f"postgresql://root:secret@127.0.0.1:{port}/flinch"))

    assert "the database does not answer" in said
    assert "check FLINCH_DATABASE_URL" in said
    assert "secret" not in said
    assert time.monotonic() - begun < 20


def test_a_postgres_that_says_nothing_is_refused_in_seconds(home):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        said = refusal(replace(home, database_url=f"postgresql://root@127.0.0.1:{silent.getsockname()[1]}/flinch"))

    assert "the database does not answer" in said
    assert time.monotonic() - begun < 30


def test_a_postgres_database_that_nobody_made_is_refused(home, postgres):
    url = postgres.url.set(drivername="postgresql", database="nobody_made_it").render_as_string(hide_password=False)

    assert 'database "nobody_made_it" does not exist' in refusal(replace(home, database_url=url))


@pytest.mark.parametrize("name", [*POSTGRES, "postgresql+psycopg2"])
def test_postgres_is_reached_by_every_usual_name(postgres_home, name):
    url = postgres_home.database_url.replace("postgresql://", f"{name}://")

    store = open_store(replace(postgres_home, database_url=url))

    with store.session() as session:
        assert session.scalars(select(Image)).all() == []
    store.close()


def test_a_postgres_that_goes_away_is_one_line_and_the_next_session_finds_it_again(postgres_home):
    store = open_store(postgres_home)
    killer = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")

    with pytest.raises(StoreError, match="the database does not answer"), store.session() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with killer.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        session.add(feedback())
        session.flush()

    killer.dispose()
    with store.session() as session:
        assert session.scalars(select(Feedback)).all() == []
    store.close()


def test_a_postgres_that_takes_no_writes_says_so(postgres_home):
    store = open_store(postgres_home)

    with pytest.raises(StoreError, match="read-only for you"), store.session() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.add(feedback())

    store.close()


def test_a_writer_that_holds_sqlite_too_long_is_named_as_such(sqlite_home):
    impatient = Store(sqlite_home, create_engine(sqlite_home.database_url, connect_args={"timeout": 0.1}))
    other = sqlite3.connect(sqlite_home.path / "flinch.db")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another process is writing"), impatient.session() as session:
        session.add(feedback())

    other.close()
    impatient.close()


def test_a_writer_killed_at_any_moment_leaves_a_store_that_opens_with_whole_transactions(store):
    moments = random.Random(3)
    for _ in range(2):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER],
            env=settings_of(store.home),
            stdout=subprocess.PIPE,
            text=True,
        )
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            time.sleep(moments.uniform(0.02, 0.15))
            writer.send_signal(signal.SIGKILL)

    again = open_store(store.home)
    with again.session() as session:
        verdicts = session.scalars(select(Feedback.verdict)).all()
        session.add(feedback())
    if again.engine.dialect.name == "sqlite":
        with again.engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    again.close()
    assert len(verdicts) > 0
    assert verdicts.count("1") == verdicts.count("2")


def test_flinch_works_from_a_folder_with_a_percent_sign_in_its_name(tmp_path):
    shutil.copytree(REPOSITORY / "store", tmp_path / "100%s" / "store")
    home = Home.from_environment({"FLINCH_HOME": str(tmp_path / "home")})

    ended = subprocess.run(
        [sys.executable, "-c", OPEN],
        env={**settings_of(home), "PYTHONPATH": str(tmp_path / "100%s")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert (home.path / "flinch.db").is_file()
