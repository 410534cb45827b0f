"""Whole protobuf messages out of a file, whatever stands between them.

Files come in four framings; a message is only taken where it adds up, so that after damage the next sound one
is found. At most a message and a block are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from payback.sources.faults import Fault

LITTLE, BIG, VARYING, BARE = "little", "big", "varying", "bare"
"""A length of four bytes before each message, either end first; a varint; and no length: one message a file."""
AT_ONCE = 4 * 2**20
LONGEST_MESSAGE = 64 * 2**20
"""Bytes; a longer message is a damaged length, and is looked behind."""
GROUP = 0x0A
"""What a request begins with: field 1, a group of one resource."""
_PREFIX = 4
_LEAST = 11
"""A group prefix and length, and a little of what is in it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole messages: where each lies in `text`, and which of the file it is."""

    text: bytes
    at: list[int]
    end: list[int]
    row: list[int]


def framing(head: bytes, size: int) -> str | None:
    """How messages are told apart in a file that begins so; None where it is no such file."""
    for name in (LITTLE, BIG, VARYING, BARE):
        length, at = _length(head, 0, name)
        if (
            0 < length <= LONGEST_MESSAGE
            and head[at : at + 1] == bytes([GROUP])
            and _records(head, at, at + length, name)
        ):
            if name in {LITTLE, BIG} and length > 2 * size:
                continue
            return name
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
            row += 1
            lost = True
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
    word = held[at : at + _PREFIX]
    if len(word) < _PREFIX:
        return -1, at
    return int.from_bytes(word, "little" if name == LITTLE else "big"), at + _PREFIX


def _adds_up(held: bytes, at: int, end: int, name: str) -> bool:
    """Whether a message is groups of resources and nothing else, to its last byte."""
    if name == BARE:
        return _records(held, at, end, name) is not None
    while at < end:
        if held[at] != GROUP:
            return False
        length, at = varint(held, at + 1)
        if length < 0:
            return False
        at += length
    return at == end


def _next(held: bytes, at: int, name: str) -> int:
    """Where the next message may begin: its group fills it, or another follows."""
    before = {LITTLE: _PREFIX, BIG: _PREFIX, VARYING: 1, BARE: 0}[name]
    while (group := held.find(GROUP, at + before)) >= 0:
        for start in (
            range(group - before, max(at, group - 5) - 1, -1) if name == VARYING else (group - before,)
        ):
            length, begin = _length(held, start, name)
            if begin == group and _LEAST <= length <= LONGEST_MESSAGE:
                inner, after = varint(held, group + 1)
                last = after + inner
                if inner > 0 and (
                    last == begin + length
                    or (last < begin + length and held[last : last + 1] in {b"\n", b""})
                ):
                    return start
        at = group + 1 - before
    return len(held)


def _records(held: bytes, at: int, end: int, name: str) -> str | None:
    """Which signal the first record inside is of; None where this is no message. The end may be cut off."""
    if name != BARE:
        length, at = varint(held, at + 1)
        if length < 0 or at + length > end:
            return None
        end = at + length
    else:
        length, at = varint(held, at + 1)
    return _inside(held, at, min(end, len(held)), 0)


def _inside(held: bytes, at: int, end: int, depth: int) -> str | None:
    """Goes down the first scope of the first group to its first record."""
    found: str | None = None
    seen: dict[int, tuple[int, int, int]] = {}
    while at < end:
        tag, begin = varint(held, at)
        wire, value = tag & 7, 0
        if wire in {0, 2}:
            value, begin = varint(held, begin)
        size = value if wire == 2 else {0: 0, 1: 8, 5: 4}.get(wire, -1)
        if tag < 8 or size < 0:
            return None
        seen.setdefault(tag >> 3, (wire, begin, size))
        at = begin + size
        if depth < 2 and tag not in {10, 18, 26, 8002}:
            return None
        if depth < 2 and tag in {18, 8002} and found is None:
            found = _inside(held, begin, min(at, end, len(held)), depth + 1)
            if found is None:
                return None
            if begin + size >= len(held):
                return found
    if depth == 2:
        return signal(seen)
    return found or ("" if seen else None)


def signal(seen: dict[int, tuple[int, int, int]]) -> str | None:
    """What a record with these fields is: they are numbered alike, but their types differ."""
    wires = {number: wire for number, (wire, _, _) in seen.items()}
    if wires.get(1) == 1 or wires.get(11) == 1:
        return "logs"
    if wires.get(1) == 2 and wires.get(2) == 2 and (seen[1][2], seen[2][2]) == (16, 8):
        return "spans"
    if wires.get(1) == 2 and any(wires.get(number) == 2 for number in (5, 7, 9, 10, 11)):
        return "metrics"
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
