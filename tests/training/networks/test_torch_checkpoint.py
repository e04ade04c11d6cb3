"""PyTorch's files, read without PyTorch and without trust."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from store.errors import WeightsError
from tests.torch_files import Sketch, write_legacy, write_zip
from training.networks.torch_checkpoint import read_checkpoint

TENSORS = {
    "features.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "features.bias": np.array([1.5, -2.5], np.float32),
    "batches": np.array(7, np.int64),
}


class Intruder:
    """Unpickled by a trusting reader, it writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


def test_the_legacy_layout_is_read(tmp_path: Path):
    path = write_legacy(tmp_path / "state.pth", TENSORS)

    assert_same(read_checkpoint(path), TENSORS)


def test_the_zip_layout_is_read(tmp_path: Path):
    path = write_zip(tmp_path / "state.pth", TENSORS)

    assert_same(read_checkpoint(path), TENSORS)


def test_a_view_with_strides_is_read_as_its_owner_saw_it(tmp_path: Path):
    transposed = {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3).T}

    path = write_legacy(tmp_path / "state.pth", transposed)

    assert_same(read_checkpoint(path), transposed)


@pytest.mark.parametrize("layout", ["legacy", "zip"])
def test_a_pickle_that_calls_a_command_is_refused_before_it_does(tmp_path: Path, layout: str):
    traces = tmp_path / "traces"
    write = write_legacy if layout == "legacy" else write_zip

    path = write(tmp_path / "state.pth", TENSORS, extra={"payload": Intruder(traces)})

    with pytest.raises(WeightsError, match=r"state\.pth: refused 'posix\.system'"):
        read_checkpoint(path)
    assert not traces.exists()


def test_a_first_pickle_that_calls_a_command_is_refused_before_it_does(tmp_path: Path):
    traces = tmp_path / "traces"
    path = tmp_path / "state.pth"
    path.write_bytes(pickle.dumps(Intruder(traces), 2))

    with pytest.raises(WeightsError, match="refused"):
        read_checkpoint(path)
    assert not traces.exists()


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:200], lambda data: data[:-8], lambda data: b"<html>", lambda _: b""]
)
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, spoil):
    path = write_legacy(tmp_path / "state.pth", TENSORS)
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(WeightsError) as refused:
        read_checkpoint(path)

    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("shape", "strides"),
    [((4, 1000), (1, 1)), ((10**9,), (0,)), ((-4,), (1,)), ((4,), (-1,)), ((10**30,), (10**30,))],
)
def test_a_tensor_that_reaches_beyond_its_numbers_is_refused(tmp_path: Path, shape, strides):
    forged = {"weight": Sketch(np.zeros(4, np.float32), shape, strides)}

    path = write_legacy(tmp_path / "state.pth", forged)

    with pytest.raises(WeightsError, match="beyond its storage"):
        read_checkpoint(path)


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
