"""PyTorch's files, read without PyTorch and without trust."""

import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from store.errors import WeightsError
from training.torch_checkpoint import LEGACY_MAGIC, read_checkpoint

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


def test_the_legacy_layout_is_read(tmp_path: Path, torch_names):
    path = write_legacy(tmp_path / "state.pth", TENSORS)

    assert_same(read_checkpoint(path), TENSORS)


def test_the_zip_layout_is_read(tmp_path: Path, torch_names):
    path = write_zip(tmp_path / "state.pth", TENSORS)

    assert_same(read_checkpoint(path), TENSORS)


def test_a_view_with_strides_is_read_as_its_owner_saw_it(tmp_path: Path, torch_names):
    transposed = {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3).T}

    path = write_legacy(tmp_path / "state.pth", transposed)

    assert_same(read_checkpoint(path), transposed)


@pytest.mark.parametrize("layout", ["legacy", "zip"])
def test_a_pickle_that_calls_a_command_is_refused_before_it_does(tmp_path: Path, torch_names, layout: str):
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
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, torch_names, spoil):
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
def test_a_tensor_that_reaches_beyond_its_numbers_is_refused(tmp_path: Path, torch_names, shape, strides):
    forged = {"weight": Sketch(np.zeros(4, np.float32), shape, strides)}

    path = write_legacy(tmp_path / "state.pth", forged)

    with pytest.raises(WeightsError, match="beyond its storage"):
        read_checkpoint(path)


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


# --- a writer of both layouts, as torch.save leaves them ------------------------------------------------------


class Sketch:
    """Numbers with a shape and strides that need not be theirs."""

    def __init__(self, numbers: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.numbers, self.shape, self.strides = numbers, shape, strides


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch):
    """Lend pickle the names that it writes; torch itself is not installed."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for module, name in ((torch, "FloatStorage"), (torch, "LongStorage"), (utils, "_rebuild_tensor_v2")):
        lent = type(name, (), {"__module__": module.__name__})
        setattr(module, name, lent)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


class TorchPickler(pickle.Pickler):
    """Writes arrays as torch writes tensors, and remembers their numbers."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, 2)
        self.storages: dict[str, np.ndarray] = {}

    def persistent_id(self, thing):
        if isinstance(thing, Storage):
            key = str(len(self.storages))
            self.storages[key] = thing.numbers
            kind = "LongStorage" if thing.numbers.dtype == np.int64 else "FloatStorage"
            return ("storage", getattr(sys.modules["torch"], kind), key, "cpu", thing.numbers.size, None)
        return None

    def reducer_override(self, thing):
        if isinstance(thing, np.ndarray):
            strides = tuple(stride // thing.itemsize for stride in thing.strides)
            owner = thing.base if thing.base is not None else thing
            thing = Sketch(owner.reshape(-1), thing.shape, strides)
        if isinstance(thing, Sketch):
            rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
            return rebuild, (Storage(thing.numbers), 0, thing.shape, thing.strides, False, OrderedDict())
        return NotImplemented


class Storage:
    """What persistent_id takes for a torch storage."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.numbers = numbers


def pickled(state) -> tuple[bytes, dict[str, np.ndarray]]:
    file = io.BytesIO()
    pickler = TorchPickler(file)
    pickler.dump(OrderedDict(state))
    return file.getvalue(), pickler.storages


def write_legacy(path: Path, tensors, extra=None) -> Path:
    state, storages = pickled({**tensors, **(extra or {})})
    parts = [pickle.dumps(LEGACY_MAGIC, 2), pickle.dumps(1001, 2), pickle.dumps({"little_endian": True}, 2), state]
    parts += [pickle.dumps(list(storages), 2)]
    for numbers in storages.values():
        parts += [numbers.size.to_bytes(8, "little"), numbers.tobytes()]
    path.write_bytes(b"".join(parts))
    return path


def write_zip(path: Path, tensors, extra=None) -> Path:
    state, storages = pickled({**tensors, **(extra or {})})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("state/data.pkl", state)
        for key, numbers in storages.items():
            archive.writestr(f"state/data/{key}", numbers.tobytes())
    return path
