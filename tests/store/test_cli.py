"""The command as a person and a script meet it: quick help, one line an error, exit codes that mean something."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from store.cli import ORDER, flinch
from tests.conftest import flinch_script
from tests.pictures import png

# A package of somebody else that adds commands through the same entry points as ours.
STRANGER = """
import sys, time
import click
from store.errors import FlinchError, GateError

@click.command()
def broken():
    raise ZeroDivisionError("a bug")

@click.command()
def bare():
    sys.modules["keras"] = None
    import keras

@click.command()
def typo():
    import no_such_module_anywhere

@click.command()
def long():
    raise GateError("the first line\\nand the second")

@click.command()
def slow():
    print("ready", flush=True)
    time.sleep(60)

@click.command()
def many():
    for number in range(100_000):
        click.echo(number)

not_a_command = 3
"""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.fixture
def stranger(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which another package adds commands to flinch."""
    folder = tmp_path / "stranger"
    facts = folder / "stranger-1.0.dist-info"
    facts.mkdir(parents=True)
    (folder / "stranger.py").write_text(STRANGER)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    names = ("broken", "bare", "typo", "long", "slow", "many", "not_a_command")
    entries = "".join(f"{name} = stranger:{name}\n" for name in names)
    (facts / "entry_points.txt").write_text(f"[flinch.commands]\n{entries}")
    return {"PYTHONPATH": str(folder)}


def test_help_answers_within_half_a_second(run_flinch):
    def cpu_seconds() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    seconds = []
    for _ in range(5):
        before = cpu_seconds()
        assert run_flinch("--help").rc == 0
        # Its own work, so that a busy machine does not count.
        seconds.append(cpu_seconds() - before)

    assert min(seconds) < 0.5


def test_help_imports_nothing_heavy(run_flinch):
    ended = run_flinch("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})

    imported = {line.split("|")[-1].strip().split(".")[0] for line in ended.stderr.splitlines()}
    heavy = {"tensorflow", "keras", "sklearn", "numpy", "PIL", "sqlalchemy", "alembic", "pydantic", "rich", "flask"}
    assert "click" in imported
    assert imported & heavy == set()


def test_help_lists_every_command_in_the_order_of_the_road(run_flinch):
    ended = run_flinch("--help")

    shown = ended.stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in shown] == list(ORDER)


def test_every_command_says_what_it_does_with_an_example():
    without = [
        " ".join(path)
        for path, command in commands(flinch)
        if not ("Examples:\n" in (command.help or "") and f"  flinch {' '.join(path)}" in (command.help or ""))
    ]

    assert without == []


def test_every_option_says_what_it_does():
    silent = [
        " ".join([*path, option.name or ""])
        for path, command in commands(flinch)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert silent == []


def test_the_version_is_said(run_flinch):
    ended = run_flinch("--version")

    assert (ended.rc, ended.stdout.split(",")[0]) == (0, "flinch")


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["status", "--no-such-option"], ["--no-such-option"], []]
)
def test_a_command_line_that_does_not_parse_ends_with_2(run_flinch, arguments):
    ended = run_flinch(*arguments)

    assert ended.rc == 2
    assert ended.stdout == ""
    assert "Usage: flinch" in ended.stderr


def test_a_wrong_key_ends_with_3_and_one_line(run_flinch, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text(
        (Path(__file__).parents[2] / "configs" / "trypophobia.toml").read_text().replace("budget", "bugdet")
    )

    ended = run_flinch("status", "--concept", file)

    assert (ended.rc, ended.stdout) == (3, "")
    assert ended.stderr == f"flinch: {file}: round: unknown key 'bugdet' (did you mean 'budget'?)\n"


def test_a_read_only_home_ends_with_5_and_one_line(run_flinch, read_only_folder):
    ended = run_flinch("status", env={"FLINCH_HOME": str(read_only_folder / "home"), "FLINCH_DATABASE_URL": ""})

    assert (ended.rc, ended.stdout) == (5, "")
    assert ended.stderr.startswith(f"flinch: {read_only_folder}/home: ")
    assert ended.stderr.count("\n") == 1


def test_an_unreachable_postgres_ends_with_5_and_one_line(run_flinch):
    ended = run_flinch("status", env={"FLINCH_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/flinch"})

    assert (ended.rc, ended.stdout) == (5, "")
    assert "the database does not answer" in ended.stderr
    assert "secret" not in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_damaged_database_ends_with_5_and_one_line(run_flinch, home):
    home.prepare()
    (home.path / "flinch.db").write_bytes(b"nothing of a database")

    ended = run_flinch("status")

    assert (ended.rc, ended.stdout) == (5, "")
    assert ended.stderr.startswith(f"flinch: sqlite:///{home.path}/flinch.db: the database is damaged")
    assert ended.stderr.count("\n") == 1


def test_a_full_disk_ends_with_5_and_one_line(run_flinch, tmp_path, request):
    (tmp_path / "photos" / "normal").mkdir(parents=True)
    for seed in range(4):
        (tmp_path / "photos" / "normal" / f"{seed}.png").write_bytes(png(seed, 1400, 1400))
    # Only now: where nobody may mount, it limits every file.
    small_disk = request.getfixturevalue("small_disk")

    ended = run_flinch(
        "import", tmp_path / "photos", env={"FLINCH_HOME": str(small_disk), "FLINCH_DATABASE_URL": ""}
    )

    assert ended.rc == 5
    assert str(small_disk) in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not list(small_disk.rglob("*.part"))


def test_a_bug_of_ours_ends_with_70_and_its_traceback(run_flinch, stranger):
    ended = run_flinch("broken", env=stranger)

    assert ended.rc == 70
    assert "Traceback" in ended.stderr
    assert "ZeroDivisionError: a bug" in ended.stderr


def test_a_missing_extra_ends_with_1_and_how_to_get_it(run_flinch, stranger):
    ended = run_flinch("bare", env=stranger)

    assert (ended.rc, ended.stdout) == (1, "")
    assert ended.stderr == (
        "flinch: this needs the package 'keras'; "
        "install it, in a checkout, with `make setup` or `uv sync --extra train`\n"
    )


@pytest.mark.parametrize("name", ["typo", "not_a_command"])
def test_a_command_that_cannot_be_loaded_is_a_bug(run_flinch, stranger, name):
    ended = run_flinch(name, env=stranger)

    assert ended.rc == 70
    assert "Traceback" in ended.stderr


def test_an_error_of_two_lines_is_shown_as_one(run_flinch, stranger):
    ended = run_flinch("long", env=stranger)

    assert (ended.rc, ended.stderr) == (7, "flinch: the first line and the second\n")


def test_ctrl_c_ends_with_130_and_one_line(stranger):
    # In a shell's background Ctrl-C is ignored, by children too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [flinch_script(), "slow"],
        env={**os.environ, **stranger},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"

    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=30)[1]

    assert running.returncode == 130
    assert said.strip() == "flinch: interrupted; what was finished is kept, run the command again to go on"


def test_a_reader_that_stops_reading_gets_no_traceback(stranger):
    script = f"'{flinch_script()}' many | head -1"

    ended = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **stranger}, capture_output=True, text=True, check=True
    )

    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_status_counts_what_the_store_holds(store, run_flinch):
    ended = run_flinch("status", "--json")

    assert ended.rc == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "images": 0,
        "sightings": {},
        "opinions": {},
        "disagreements": 0,
        "feedback": 0,
        "quarantined": 0,
        "models": 0,
    }


def test_verbose_logs_to_stderr_only(home, run_flinch):
    ended = run_flinch("--verbose", "status", "--json")

    assert json.loads(ended.stdout)["images"] == 0
    assert "INFO alembic" in ended.stderr


def test_the_tests_run_the_script_that_was_installed_beside_this_python():
    assert flinch_script().parent == Path(sys.executable).parent
    assert flinch_script().is_file()
