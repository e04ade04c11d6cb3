"""One exported bundle for all tests of this folder: a conversion takes seconds."""

import pytest

from inference.bundle import Bundle
from tests.networks import OLDER, small_draft, small_model
from training.exporting.export import export_bundle


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return the bundle of a small network, through the whole export and the gate. Tests must not change it."""
    folder = tmp_path_factory.mktemp("exported")
    destination = folder / "bundle"
    destination.mkdir()
    (destination / OLDER).write_text("of an older bundle")
    return export_bundle(small_model(folder), small_draft(), destination, golden_pictures=8)
