"""Fields of many protobuf messages at once: each step reads one field of every message that has one left.

The wire format: https://protobuf.dev/programming-guides/encoding. Where few messages are left a plain loop is
quicker than arrays of two or three; both give the same, and a test holds them to it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from payback.sources.otlp.framing import varint

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

VARINT, FIXED64, TEXT, FIXED32 = 0, 1, 2, 5
FEW = 24
"""From so many messages on, arrays are quicker."""
MARGIN = 16
"""Bytes of nothing after the last message, so that none is read past the end."""
_HIGHEST = 2**14
_FIXED = np.array([0, 8, 0, -1, -1, 4, -1, -1], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes in memory, as bytes, as an array, and as the 64-bit word that begins at each."""

    text: bytes
    bytes: NDArray[np.uint8]
    words: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields in a flat table: whose, which (`tag`), where its bytes are, or for a varint what it is."""

    owner: Ints
    tag: Ints
    at: Ints
    end: Ints
    value: Ints

    def only(self, *tags: int) -> Fields:
        """Those with one of these tags."""
        mask = self.tag == tags[0]
        for tag in tags[1:]:
            mask |= self.tag == tag
        return self.where(mask)

    def where(self, mask: Flags | Ints | slice) -> Fields:
        """Those the mask tells, or at these places."""
        return Fields(self.owner[mask], self.tag[mask], self.at[mask], self.end[mask], self.value[mask])


def tag(number: int, wire: int) -> int:
    """How a field and its wire type are written."""
    return number << 3 | wire


def held(text: bytes) -> Held:
    """The bytes, ready to be read."""
    padded = text + bytes(MARGIN)
    raw = np.frombuffer(padded, dtype=np.uint8)
    words: NDArray[np.uint64] = np.ndarray(shape=(len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    return Held(padded, raw, words)


def fields(inside: Held, at: Ints, end: Ints, wanted: frozenset[int]) -> tuple[Fields, Flags]:
    """The wanted fields of the messages that lie between `at` and `end`, and which messages are broken.

    A broken message keeps the fields before the break. A known field of another wire type is not wanted.
    """
    broken = np.zeros(len(at), dtype=np.bool_)
    known = np.zeros(_HIGHEST, dtype=np.bool_)
    known[[each for each in wanted if each < _HIGHEST - 1]] = True
    lane = np.nonzero(at < end)[0]
    place, stop = at[lane], end[lane]
    parts: list[tuple[Any, ...]] = []
    raw = inside.bytes
    while len(lane) >= FEW:
        tags, here = _varints(raw, place)
        wire = tags & 7
        counts, after = _varints(raw, here)
        is_text = wire == TEXT
        begin = np.where((wire == VARINT) | is_text, after, here)
        size = _FIXED.take(wire)
        bad = (size < 0) | (tags < 8) | (tags >= 2**32)
        room = stop - begin
        size = np.where(is_text, counts, size)
        bad |= (size < 0) | (size > room)
        if bad.any():
            broken[lane[bad]] = True
            size = np.where(bad, 0, size)
        following = begin + size
        keep = known.take(tags, mode="clip") & ~bad
        if keep.all():
            parts.append((lane, tags, begin, following, counts))
        elif keep.any():
            parts.append((lane[keep], tags[keep], begin[keep], following[keep], counts[keep]))
        live = (following < stop) & ~bad
        if live.all():
            place = following
        else:
            lane, place, stop = lane[live], following[live], stop[live]
    if len(lane):
        parts.append(_one_by_one(inside.text, lane, place, stop, wanted, broken))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Fields(nothing, nothing, nothing, nothing, nothing), broken
    return Fields(*(np.concatenate(column) for column in zip(*parts, strict=True))), broken


def _varints(raw: NDArray[np.uint8], at: Ints) -> tuple[Ints, Ints]:
    """The varint at each place, and where it ends. One that never ends is below zero."""
    first = raw.take(at, mode="clip")
    value = first.astype(np.int64)
    after = at + 1
    long = np.nonzero(first >= 128)[0]
    if len(long):
        rest, total, shift = after[long], value[long] & 127, 7
        pending = np.arange(len(long))
        while len(pending) and shift < 70:
            byte = raw.take(rest[pending], mode="clip").astype(np.int64)
            total[pending] |= (byte & 127) << min(shift, 63)
            rest[pending] += 1
            pending = pending[byte >= 128]
            shift += 7
        total[pending] = -1
        value[long], after[long] = total, rest
    return value, after


def _one_by_one(
    text: bytes, lanes: Ints, places: Ints, stops: Ints, wanted: frozenset[int], broken: Flags
) -> tuple[Ints, ...]:
    """The same, a field at a time."""
    columns = [array("q") for _ in range(5)]
    owner, tags, begins, ends, values = (column.append for column in columns)
    for lane, place, stop in zip(lanes.tolist(), places.tolist(), stops.tolist(), strict=True):
        at = place
        while at < stop:
            tag_, begin = varint(text, at)
            wire, value = tag_ & 7, 0
            if wire in {VARINT, TEXT}:
                value, begin = varint(text, begin)
            size = value if wire == TEXT else (0, 8, 0, -1, -1, 4, -1, -1)[wire]
            if not 8 <= tag_ < 2**32 or not 0 <= size <= stop - begin:
                broken[lane] = True
                break
            at = begin + size
            if tag_ in wanted:
                owner(lane)
                tags(tag_)
                begins(begin)
                ends(at)
                values(value)
    return tuple(
        np.frombuffer(column, dtype=np.int64) if column else np.zeros(0, np.int64) for column in columns
    )
