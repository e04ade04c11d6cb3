"""Read a PyTorch state dictionary without PyTorch, and without running what its pickle says.

Two layouts are in the wild: a zip (since torch 1.6) and a row of five pickles followed by the raw numbers
(https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, `_legacy_save`).
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from store.errors import WeightsError

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True)
class Storage:
    """Stands where a torch storage would be; `key` names its block of `size` numbers in the file."""

    dtype: np.dtype
    key: str
    size: int


@dataclass(frozen=True)
class Tensor:
    """A view of a storage; offset, shape and strides are counted in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(storage: Storage, offset: int, shape: Any, strides: Any, *_: Any) -> Tensor:
    return Tensor(storage, offset, tuple(shape), tuple(strides))


# A pickle can name any function of the machine and call it. These are all that a state dictionary needs.
ADMITTED: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    **{f"torch.{name}": dtype for name, dtype in DTYPES.items()},
}


class _StateUnpickler(pickle.Unpickler):
    """Admits the names above and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for an admitted name; WeightsError for every other."""
        try:
            return ADMITTED[f"{module}.{name}"]
        except KeyError:
            raise WeightsError(f"refused '{module}.{name}', which a dictionary of tensors does not need") from None

    def persistent_load(self, pid: Any) -> Storage:
        """Return the storage that a tensor's persistent id describes."""
        kind, dtype, key, _location, size = pid[:5]
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise WeightsError(f"refused an object of kind {kind!r}, which a dictionary of tensors does not need")
        return Storage(dtype, str(key), int(size))


def read_checkpoint(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors of a state dictionary by name, in their own shapes and dtypes.

    Raises WeightsError, naming the file, when it is damaged, of another layout, or asks for anything but tensors.
    """
    try:
        read = _read_zip if zipfile.is_zipfile(path) else _read_legacy
        return read(path)
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from error
    except (
        pickle.UnpicklingError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        StopIteration,
    ) as error:
        raise WeightsError(f"{path}: no PyTorch state dictionary that can be read ({error})") from error


def _read_zip(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl")
        state = _StateUnpickler(io.BytesIO(archive.read(pickled))).load()
        keys = {tensor.storage.key: tensor.storage for tensor in _tensors(state).values()}
        blocks = {key: np.frombuffer(archive.read(f"{folder}data/{key}"), s.dtype) for key, s in keys.items()}
    return {name: _view(tensor, blocks) for name, tensor in _tensors(state).items()}


def _read_legacy(path: Path) -> dict[str, np.ndarray]:
    with path.open("rb") as file:
        if _StateUnpickler(file).load() != LEGACY_MAGIC:
            raise WeightsError("no PyTorch state dictionary (its magic number is missing)")
        _protocol, _system = _StateUnpickler(file).load(), _StateUnpickler(file).load()
        state = _StateUnpickler(file).load()
        order = _StateUnpickler(file).load()
        storages = {tensor.storage.key: tensor.storage for tensor in _tensors(state).values()}
        blocks = {key: _read_block(file, storages[key]) for key in order}
    return {name: _view(tensor, blocks) for name, tensor in _tensors(state).items()}


def _read_block(file: BinaryIO, storage: Storage) -> np.ndarray:
    size = int.from_bytes(file.read(8), "little")
    if size != storage.size:
        raise WeightsError(f"storage {storage.key} announces {size} numbers where {storage.size} belong")
    return np.frombuffer(file.read(size * storage.dtype.itemsize), storage.dtype)


def _tensors(state: Any) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if isinstance(value, Tensor)}


def _view(tensor: Tensor, blocks: dict[str, np.ndarray]) -> np.ndarray:
    block = blocks[tensor.storage.key]
    last = tensor.offset + sum((n - 1) * stride for n, stride in zip(tensor.shape, tensor.strides, strict=True))
    # as_strided trusts its arguments: a forged shape would read beyond the block.
    inside = last < len(block) and prod(tensor.shape) <= len(block)
    if min([tensor.offset, *tensor.shape, *tensor.strides]) < 0 or not (inside or 0 in tensor.shape):
        raise WeightsError(f"a tensor reaches beyond its storage {tensor.storage.key}")
    strides = [stride * block.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(block[tensor.offset :], tensor.shape, strides).copy()
