"""Which pictures are the same picture: PDQ hashes within a Hamming distance, found through bands.

A 256-bit code is cut into 16 bands of 16 bits. Two codes that differ in at most 31 bits share a band up to one
bit (pigeonhole: 31 < 2 x 16), so probing each band with its 16 one-bit neighbours as well misses nothing at the
distance that PDQ's authors advise.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BANDS = 16
# PDQ's own advice: a hash of this quality or less (flat colour, a gradient) matches at random.
WORTHLESS_QUALITY = 49

_PROBES = np.concatenate([[0], 1 << np.arange(16)]).astype(np.uint16)


class NearDuplicates:
    """A growing index of 256-bit codes; ids are positions in order of addition."""

    def __init__(self, distance: int = 31) -> None:
        """``distance`` is the largest Hamming distance, 0..31 bits, at which two codes match."""
        if not 0 <= distance <= 31:
            raise ValueError("the bands guarantee matches up to 31 bits only")
        self.distance = distance
        self._codes = np.zeros((1024, BANDS), np.uint16)
        self._count = 0
        self._bands: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in range(BANDS)]

    def __len__(self) -> int:
        return self._count

    def add(self, code: bytes) -> int:
        """Add one code of 32 bytes and return its position."""
        row = np.frombuffer(code, np.uint16)
        if self._count == len(self._codes):
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)])
        self._codes[self._count] = row
        for band, value in zip(self._bands, row.tolist(), strict=True):
            band[value].append(self._count)
        self._count += 1
        return self._count - 1

    def query(self, code: bytes) -> NDArray[np.int64]:
        """Return the positions of all codes within the distance, ascending."""
        row = np.frombuffer(code, np.uint16)
        candidates: set[int] = set()
        for band, value in zip(self._bands, row, strict=True):
            for probe in (value ^ _PROBES).tolist():
                found = band.get(probe)
                if found:
                    candidates.update(found)
        positions = np.fromiter(sorted(candidates), np.int64, len(candidates))
        distances = np.bitwise_count(self._codes[positions] ^ row).sum(axis=1)
        matches: NDArray[np.int64] = positions[distances <= self.distance]
        return matches


def near_duplicate_groups(
    codes: Sequence[bytes], qualities: Sequence[int], distance: int = 31
) -> NDArray[np.int64]:
    """Return for every code the position of the first member of its group.

    Groups are the connected components of "within ``distance`` bits"; a code of worthless quality is alone.
    """
    index = NearDuplicates(distance)
    groups = Groups(len(codes))
    positions: list[int] = []
    for number, (code, quality) in enumerate(zip(codes, qualities, strict=True)):
        if quality <= WORTHLESS_QUALITY:
            continue
        for match in index.query(code):
            groups.join(number, positions[int(match)])
        index.add(code)
        positions.append(number)
    return groups.roots()


class Groups:
    """Union-find over 0..n-1; a group's name is its smallest member."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, member: int) -> int:
        """Return the smallest member of the group that ``member`` belongs to."""
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def join(self, one: int, other: int) -> None:
        """Make two groups one."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parents[high] = low

    def roots(self) -> NDArray[np.int64]:
        """Return the group of every member."""
        return np.array([self.find(member) for member in range(len(self._parents))], np.int64)
