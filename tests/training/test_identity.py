"""A name follows from everything that decides a result: other code, templates too, gets another name."""

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import training
import training.identity as identity_of_the_project
from store.config import load_config


@pytest.fixture
def identity(tmp_path: Path) -> ModuleType:
    """Return the module of names in a copy of training that a test may change."""
    copy = tmp_path / "training"
    shutil.copytree(Path(training.__file__).parent, copy)
    spec = spec_from_file_location("identity_of_the_copy", copy / "identity.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def change(identity: ModuleType, file: str) -> None:
    with (Path(str(identity.__file__)).parent / file).open("a") as code:
        code.write("# changed\n")


@pytest.mark.parametrize(
    "file", ["toolchain/converter.py", "networks/fold.py", "browser/timing.py", "exporting/saved_model.py"]
)
def test_a_reference_of_other_code_has_another_name(identity: ModuleType, file: str):
    same = identity.reference_id()

    change(identity, file)

    assert same == identity_of_the_project.reference_id()
    assert identity.reference_id() != same


@pytest.mark.parametrize("file", ["evaluation/curves.py", "reporting/templates/report.html.j2"])
def test_a_run_reported_by_another_page_has_another_name(identity: ModuleType, file: str):
    concept = load_config("trypophobia")
    same = identity.run_id("f" * 16, concept)

    change(identity, file)

    assert same == identity_of_the_project.run_id("f" * 16, concept)
    assert identity.run_id("f" * 16, concept) != same
