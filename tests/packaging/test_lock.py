import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXCLUDED = {"tensorflow", "tensorflow-decision-forests", "jax", "jaxlib", "flax", "tensorflow-hub"}
LINUX = ("-any.whl", "_x86_64.whl")


@pytest.fixture(scope="module")
def packages() -> list[dict]:
    return tomllib.loads((ROOT / "uv.lock").read_text())["package"]


def test_the_lock_names_one_tensorflow_and_nothing_that_was_excluded(packages: list[dict]) -> None:
    """Given the lock file,
    when its packages are counted,
    then there is one TensorFlow, the CPU's, in one version, and none of what breaks its import.
    """
    names = [package["name"] for package in packages]

    assert [name for name in names if name.startswith("tensorflow") and name != "tensorflowjs"] == [
        "tensorflow-cpu"
    ]
    assert not EXCLUDED & set(names)


def test_the_excluded_packages_are_the_ones_the_settings_name() -> None:
    """Given the settings of uv,
    when somebody takes a name off the list of exclusions,
    then this fails, because the test above would go on passing.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]

    assert set(settings["exclude-dependencies"]) == EXCLUDED


def test_nothing_in_the_lock_needs_a_compiler(packages: list[dict]) -> None:
    """Given the lock file,
    when the files of every package are listed,
    then each has a wheel for Linux on x86-64: set-up needs Python, make and nothing else.
    """
    sources_only = [
        package["name"]
        for package in packages
        if package["name"] != "flinch"
        and not any(wheel["url"].endswith(LINUX) for wheel in package.get("wheels", []))
    ]

    assert sources_only == []


def test_the_extensions_lock_names_no_registry() -> None:
    """Given the lock file of npm,
    when it is searched for addresses,
    then no package has one, so that whatever registry the machine is set up for is asked.
    """
    locked = json.loads((ROOT / "extension" / "package-lock.json").read_text())["packages"]

    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert len(locked) > 10
