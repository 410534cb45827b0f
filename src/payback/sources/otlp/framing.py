"""Whole protobuf messages out of a file, whatever stands between them.

Files come in four framings; a message is only taken where it adds up, so that after damage the next sound one
is found. At most a message and a block are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from payback.sources.faults import Fault

METRICS = "metrics"
LITTLE, BIG, VARYING, BARE = "little", "big", "varying", "bare"
"""A length of four bytes before each message, either end first; a varint; and no length: one message a file."""
AT_ONCE = 4 * 2**20
LONGEST_MESSAGE = 64 * 2**20
"""Bytes; a longer message is a damaged length, and is looked behind."""
GROUP = 0x0A
"""What a request begins with: field 1, a group of one resource."""
PREFIX = 4
LEAST = 11
"""Bytes of a message that holds anything."""
LONGEST_VARINT = 5
LENGTH_GIVEN = 2
LEAST_TAG = 8
FIXED = {0: 0, 1: 8, 5: 4}
"""Bytes of a field by its wire type, besides those whose length is given."""
RESOURCE, SCOPE, SCHEMA, OLD_SCOPE = 10, 18, 26, 8002
KNOWN = (
    frozenset({RESOURCE}),
    frozenset({RESOURCE, SCOPE, SCHEMA, OLD_SCOPE}),
    frozenset({RESOURCE, SCOPE, SCHEMA}),
)
"""Tags of a request, of a group and of what one library made in it."""
INNER = (frozenset({RESOURCE}), frozenset({SCOPE, OLD_SCOPE}), frozenset({SCOPE}))
RECORD_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole messages: where each lies in `text`, and which of the file it is."""

    text: bytes
    at: list[int]
    end: list[int]
    row: list[int]


def framing(head: bytes, size: int) -> str | None:
    """How messages are told apart in a file that begins so, or METRICS; None where it is no such file."""
    for name in (LITTLE, BIG, VARYING, BARE):
        length, at = _length(head, 0, name)
        if (
            0 < length <= LONGEST_MESSAGE
            and head[at : at + 1] == bytes([GROUP])
            and not (name in {LITTLE, BIG} and length > 2 * size)
            and (told := _records(head, at, at + length))
        ):
            return METRICS if told == METRICS else name
    return None


def batches(file: Path, name: str) -> Iterator[Batch | Fault]:
    """All whole messages of the file, some at a time. A stretch that is none is one fault."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        yield from _batches(opened, size, name)


def _batches(opened: BinaryIO, size: int, name: str) -> Iterator[Batch | Fault]:
    held, base, at, row = b"", 0, 0, 0
    lost = False
    found = Batch(b"", [], [], [])
    while True:
        if base + len(held) < size and len(held) - at < AT_ONCE:
            if found.at:
                yield Batch(held, found.at, found.end, found.row)
                found = Batch(b"", [], [], [])
            held, base, at = held[at:] + opened.read(AT_ONCE), base + at, 0
        if at >= len(held):
            break
        length, begin = _length(held, at, name)
        end = begin + length
        if 0 <= length <= LONGEST_MESSAGE and base + end <= size:
            if end > len(held):
                if found.at:
                    yield Batch(held, found.at, found.end, found.row)
                    found = Batch(b"", [], [], [])
                more = opened.read(end - len(held) + AT_ONCE)
                held, base, at = held[at:] + more, base + at, 0
                if not more:
                    size = base + len(held)  # it became shorter while it was read
                continue
            if _adds_up(held, begin, end, name):
                row += 1
                lost = False
                if length:
                    found.at.append(begin)
                    found.end.append(end)
                    found.row.append(row)
                at = end
                continue
        if not lost:
            lost = True
            if found.at and not _whole(held, found.at[-1], found.end[-1], 0, RECORD_DEPTH):
                at = found.at.pop()  # it was torn off, and what follows lies in what it claims to be
                found.end.pop()
                found.row.pop()
            else:
                row += 1
            yield Fault("message", row)
        at = _next(held, at + 1, name)
    if found.at:
        yield Batch(held, found.at, found.end, found.row)


def _length(held: bytes, at: int, name: str) -> tuple[int, int]:
    """How long the message at a place says it is, and where it begins."""
    if name == VARYING:
        return varint(held, at)
    if name == BARE:
        if held[at : at + 1] != bytes([GROUP]):
            return -1, at
        length, after = varint(held, at + 1)
        return (after - at + length if length >= 0 else -1), at
    word = held[at : at + PREFIX]
    if len(word) < PREFIX:
        return -1, at
    return int.from_bytes(word, "little" if name == LITTLE else "big"), at + PREFIX


def _adds_up(held: bytes, at: int, end: int, name: str) -> bool:
    """Whether a message is groups of resources and nothing else, to its last byte."""
    if name == BARE:
        return _whole(held, at, end, 0, 1)
    while at < end:
        if held[at] != GROUP:
            return False
        length, at = varint(held, at + 1)
        if length < 0:
            return False
        at += length
    return at == end


def _whole(held: bytes, at: int, end: int, depth: int, deepest: int) -> bool:
    """Whether the fields fill the message, and those inside them theirs, down to the fields of records."""
    while at < end:
        tag, begin = varint(held, at)
        wire, value = tag & 7, 0
        if wire in {0, 2}:
            value, begin = varint(held, begin)
        size = value if wire == LENGTH_GIVEN else FIXED.get(wire, -1)
        at = begin + size
        if tag < LEAST_TAG or size < 0 or at > end or (depth <= 2 and tag not in KNOWN[depth]):
            return False
        if depth < deepest and tag in INNER[depth] and not _whole(held, begin, at, depth + 1, deepest):
            return False
    return at == end


def _next(held: bytes, at: int, name: str) -> int:
    """Where the next message may begin: its group fills it, or another follows."""
    before = {LITTLE: PREFIX, BIG: PREFIX, VARYING: 1, BARE: 0}[name]
    while (group := held.find(GROUP, at + before)) >= 0:
        first = max(at, group - LONGEST_VARINT) if name == VARYING else group - before
        for start in range(group - before, first - 1, -1):
            length, begin = _length(held, start, name)
            if begin != group or not LEAST <= length <= LONGEST_MESSAGE:
                continue
            inner, after = varint(held, group + 1)
            last, end = after + inner, begin + length
            fills = last == end or (last < end and held[last : last + 1] in {b"\n", b""})
            if inner > 0 and fills and _records(held, group, end):
                return start
        at = group + 1 - before
    return len(held)


def _records(held: bytes, at: int, end: int) -> str | None:
    """Which signal the first record of a message is of; None where this is no message."""
    return _inside(held, at, min(end, len(held)), 0)


def _inside(held: bytes, at: int, end: int, depth: int) -> str | None:
    """Goes down the first scope of the first group to its first record; the end may be cut off."""
    found: str | None = None
    seen: dict[int, tuple[int, int]] = {}
    while at < end:
        tag, begin = varint(held, at)
        wire, value = tag & 7, 0
        if wire in {0, 2}:
            value, begin = varint(held, begin)
        size = value if wire == LENGTH_GIVEN else FIXED.get(wire, -1)
        if tag < LEAST_TAG or size < 0 or (depth <= 2 and tag not in KNOWN[depth]):
            return None
        seen.setdefault(tag >> 3, (wire, size))
        at = begin + size
        if depth < RECORD_DEPTH and tag in INNER[depth]:
            found = _inside(held, begin, min(at, end, len(held)), depth + 1)
            if found is None or depth or at >= len(held):
                return found
    if depth == RECORD_DEPTH:
        return signal(seen)
    return found or ""


def signal(seen: Mapping[int, tuple[int, int]]) -> str | None:
    """What a record with these fields is: they are numbered alike, but their types differ."""
    wires = {number: wire for number, (wire, _) in seen.items()}
    if wires.get(1) == 1 or wires.get(11) == 1:
        return "logs"
    if (seen.get(1), seen.get(2)) == ((2, 16), (2, 8)) or wires.get(7) == 1:
        return "spans"
    if wires.get(1) == LENGTH_GIVEN and any(
        wires.get(number) == LENGTH_GIVEN for number in (5, 7, 9, 10, 11)
    ):
        return METRICS
    return None


def varint(text: bytes, at: int) -> tuple[int, int]:
    """The varint at a place, signed, and where it ends; -1 where it never does."""
    value = shift = 0
    while shift < 70 and at < len(text):
        byte = text[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            value &= 2**64 - 1
            return (value - 2**64 if value >= 2**63 else value), at
        shift += 7
    return -1, at
