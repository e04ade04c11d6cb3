"""Files as torch.save leaves them, in both layouts, written without torch."""

import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np

from training.networks.torch_checkpoint import LEGACY_MAGIC


class Sketch:
    """Numbers with a shape and strides that need not be theirs."""

    def __init__(self, numbers: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.numbers, self.shape, self.strides = numbers, shape, strides


@contextmanager
def lent_names() -> Iterator[None]:
    """Lend pickle the names of torch that it writes; torch itself is not installed."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for module, name in ((torch, "FloatStorage"), (torch, "LongStorage"), (utils, "_rebuild_tensor_v2")):
        setattr(module, name, type(name, (), {"__module__": module.__name__}))
    lent = {"torch": torch, "torch._utils": utils}
    sys.modules.update(lent)
    try:
        yield
    finally:
        for name in lent:
            del sys.modules[name]


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


def _pickled(state) -> tuple[bytes, dict[str, np.ndarray]]:
    file = io.BytesIO()
    pickler = TorchPickler(file)
    with lent_names():
        pickler.dump(OrderedDict(state))
    return file.getvalue(), pickler.storages


def write_legacy(path: Path, tensors, extra=None) -> Path:
    state, storages = _pickled({**tensors, **(extra or {})})
    parts = [pickle.dumps(LEGACY_MAGIC, 2), pickle.dumps(1001, 2), pickle.dumps({"little_endian": True}, 2), state]
    parts += [pickle.dumps(list(storages), 2)]
    for numbers in storages.values():
        parts += [numbers.size.to_bytes(8, "little"), numbers.tobytes()]
    path.write_bytes(b"".join(parts))
    return path


def write_zip(path: Path, tensors, extra=None) -> Path:
    state, storages = _pickled({**tensors, **(extra or {})})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("state/data.pkl", state)
        for key, numbers in storages.items():
            archive.writestr(f"state/data/{key}", numbers.tobytes())
    return path
