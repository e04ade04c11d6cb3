import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trained import ROOT

BUILT = ROOT / "extension" / "build" / "parity.mjs"


def run(command: list[str | Path], **keywords: object) -> str:
    """Run a command to its end and return what it printed; AssertionError carries its complaint."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120, check=False, **keywords
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv", path=str(ROOT / ".tools" / "bin")) or shutil.which("uv")
    if found is None:
        pytest.skip("no uv: `make setup` brings one")
    return found


@pytest.fixture(scope="module")
def installed(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what a wheel of this checkout installs, and nothing else of it."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    # Without a network: the builder is in the environment already.
    alone = {**os.environ, "UV_OFFLINE": "1"}
    run(
        [uv, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", wheels, ROOT],
        env=alone,
    )
    (wheel,) = wheels.glob("*.whl")
    run([uv, "pip", "install", "--python", sys.executable, "--no-deps", "--target", target, wheel], env=alone)
    return target


def flinch(installed: Path, home: Path, *args: str) -> str:
    """Run the wheel's own command: PYTHONPATH comes before the checkout that the environment points to."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "FLINCH_HOME": str(home)}
    environment.pop("FLINCH_DATABASE_URL", None)
    return run([sys.executable, installed / "bin" / "flinch", *args], env=environment, cwd=home)


def test_a_wheel_answers_for_itself(installed: Path, tmp_path: Path) -> None:
    """Given a wheel installed where no checkout is,
    when it is asked for help and for the state of an empty store,
    then the commands are listed and the wheel's own migrations have made the tables.
    """
    assert "synthesize" in flinch(installed, tmp_path, "--help")
    assert "images" in flinch(installed, tmp_path, "status")
    assert (tmp_path / "flinch.db").is_file()


def test_a_wheel_carries_the_config_and_the_reports_template(installed: Path) -> None:
    """Given a wheel,
    when its files are listed,
    then what is read at run time, and is no Python, is among them.
    """
    for name in (
        "configs/trypophobia.toml",
        "configs/presets/nsfw_model.toml",
        "training/reporting/templates/report.html.j2",
        "training/reporting/templates/compare.html.j2",
        "store/migrations/script.py.mako",
    ):
        assert (installed / name).is_file()


@pytest.mark.skipif(not BUILT.is_file(), reason="the extension is not built: make extension")
def test_a_wheel_carries_the_gates_script(installed: Path) -> None:
    """Given a wheel from a checkout whose extension is built,
    when training looks for the script that judges in Node,
    then it finds the wheel's own, with the wasm beside it.
    """
    where = "from training.exporting.parity import SCRIPT, require_tools; require_tools(); print(SCRIPT)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    script = Path(run([sys.executable, "-c", where], env=environment, cwd=installed).strip())

    assert script == installed / "training" / "node_tools" / "parity.mjs"
    assert list(script.parent.glob("*.wasm"))
