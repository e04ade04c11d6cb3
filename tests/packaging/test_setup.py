import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trained import ROOT

TOOLS = ("sh", "make", "echo", "env", "grep", "sed", "tr", "paste")


def executable(path: Path, script: str) -> None:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return the one folder of a PATH that has a shell and make, but neither Python nor Node."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for tool in TOOLS:
        there = shutil.which(tool)
        assert there, f"{tool} is not on the PATH"
        (programs / tool).symlink_to(there)
    return programs


def run(machine: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command beside the machine's folder, with nothing else on the PATH."""
    return subprocess.run(
        [str(word) for word in command],
        env={"PATH": str(machine)},
        cwd=machine.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def chosen_python(machine: Path) -> str:
    return run(
        machine, "make", "-f", ROOT / "Makefile", "--eval", "which: ; @echo '$(PYTHON)'", "which"
    ).stdout.strip()


def test_a_python_that_is_there_in_name_only_is_passed_over(machine: Path) -> None:
    """Given a version manager's python3.13 that fails, a python3.12 that is none of ours, and a real python3,
    when make chooses one,
    then it is the real one.
    """
    executable(machine / "python3.13", "echo 'python3.13: version not installed' >&2; exit 127")
    executable(machine / "python3.12", "exit 1")
    executable(machine / "python3", f'exec "{sys.executable}" "$@"')

    assert chosen_python(machine) == str(machine / "python3")


def test_without_any_fitting_python_set_up_ends_in_one_line(machine: Path) -> None:
    """Given a machine whose only Python is too old,
    when set-up runs,
    then it says which versions will do and how to name one, and makes nothing.
    """
    executable(machine / "python3", "exit 1")

    ended = run(machine, "make", "-s", "-f", ROOT / "Makefile", "setup")

    assert ended.returncode != 0
    assert ended.stderr.splitlines()[0] == (
        "flinch needs Python 3.11, 3.12 or 3.13; run: make PYTHON=/path/to/python3.12"
    )
    assert not (machine.parent / ".tools").exists()


def test_a_machine_without_node_gets_the_packages(machine: Path) -> None:
    """Given no node on the PATH but the one that an earlier set-up linked,
    when set-up asks what to install,
    then the package is asked for again, or synchronising the environment would take that node away.
    """
    linked = machine.parent / ".tools" / "node" / "bin"
    for tool in ("node", "npm"):
        executable(linked / tool, "echo v24.0.0")

    asked = run(
        machine, "env", f"PATH={linked}:{machine}", "sh", ROOT / "extension/tools/node.sh", "group", ".tools/node"
    )

    assert asked.stdout.strip() == "--group node"


@pytest.mark.parametrize(
    ("version", "options"),
    [("v18.20.0", "--group node"), ("v20.18.3", "--group node"), ("v20.19.0", ""), ("v24.1.0", "")],
)
def test_the_machines_own_node_is_used_if_it_is_new_enough(machine: Path, version: str, options: str) -> None:
    """Given a node and an npm on the PATH,
    when set-up asks what to install,
    then it is nothing from version 20.19 on.
    """
    executable(machine / "node", f"echo {version}")
    executable(machine / "npm", "exit 0")

    asked = run(machine, "sh", ROOT / "extension/tools/node.sh", "group", ".tools/node")

    assert asked.stdout.strip() == options
