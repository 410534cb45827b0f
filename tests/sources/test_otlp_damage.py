"""What a damaged file of traces keeps: every whole message, whatever was cut, put between or bent.

Protobuf is read a second time here, slowly and one field after the other, as the oracle.
"""

from __future__ import annotations

import json
import struct
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payback.sources import otlp
from payback.sources.faults import Fault
from payback.sources.formats import Block
from payback.sources.otlp import framing, lockstep
from payback.sources.otlp import protobuf as reader
from payback.sources.otlp.vocabulary import SLOTS
from tests.sources.otlp_made import (
    chat,
    fixed,
    framed,
    lines,
    logs,
    protobuf,
    span,
    text,
    traces,
    varint,
    whole,
)
from tests.sources.otlp_made import log as log_record

pytestmark = pytest.mark.long

FRAMINGS = ("little", "big", "varying", "bare")


def message(number: int) -> dict[str, Any]:
    return traces(span(chat(payback__task=str(number)), spanId=f"{number:016x}"))


def tasks(content: bytes, layout: str) -> tuple[list[str], list[Fault]]:
    """The tasks of the calls that are read, in their order, and what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a"
        file.write_bytes(content)
        found, faults = [], []
        for each in otlp.read(file, layout):
            if isinstance(each, Fault):
                faults.append(each)
            elif isinstance(each, Block):
                values = each.columns["task"]
                found += (values() if callable(values) else values).tolist()
        return found, faults


@pytest.mark.parametrize("kind", [*FRAMINGS, "lines"])
def test_cut_anywhere_every_whole_message_is_kept(kind: str) -> None:
    each = [
        lines(message(number)) if kind == "lines" else framed(protobuf(message(number)), kind=kind)
        for number in range(3)
    ]
    content = b"".join(each)
    ends = [sum(map(len, each[: number + 1])) for number in range(3)]
    for cut in range(0, len(content), 5):
        found, faults = tasks(content[:cut], kind)
        whole_ones = sum(end <= cut + (kind == "lines") for end in ends)  # the last line end may be missing
        assert found == [str(number) for number in range(whole_ones)], cut
        assert len(faults) == (cut not in {0, *ends, *(end - 1 for end in ends if kind == "lines")}), cut


@pytest.mark.parametrize("kind", FRAMINGS)
@pytest.mark.parametrize(
    "junk",
    [b"\x0a" * 50, b"\xff" * 9, b"{}\n" * 7, bytes(range(200)), b"\x00" * 3 + b"\x0a\x05"],
    ids=range(5),
)
def test_after_what_is_no_message_the_next_one_is_found(kind: str, junk: bytes) -> None:
    one, two = (framed(protobuf(message(number)), kind=kind) for number in (1, 2))
    found, faults = tasks(one + junk + two, kind)
    assert found == ["1", "2"]
    assert [fault.code for fault in faults] == ["message"]


@pytest.mark.parametrize("kind", FRAMINGS)
def test_a_message_torn_off_before_whole_ones_costs_itself(kind: str) -> None:
    one, two, three = (framed(protobuf(message(number)), kind=kind) for number in (1, 2, 3))
    found, faults = tasks(one + two[:100] + three, kind)
    assert found == ["1", "3"]
    assert [fault.code for fault in faults] == ["message"]


def test_a_length_of_gigabytes_is_not_believed() -> None:
    one = framed(protobuf(message(1)))
    tracemalloc.start()
    found, faults = tasks(one + struct.pack("<I", 2**31) + b"\x0a" + bytes(100) + one, "little")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found, len(faults)) == (["1", "1"], 1)
    assert most < 50 * 2**20


@pytest.mark.parametrize("kind", ["little", "bare"])
def test_blocks_end_between_messages(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "AT_ONCE", 1000)
    content = framed(*(protobuf(message(number)) for number in range(40)), kind=kind)
    found, faults = tasks(content, kind)
    assert (found, faults) == ([str(number) for number in range(40)], [])


def test_a_message_longer_than_a_block_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "AT_ONCE", 1000)
    long = traces(*(span(chat(payback__task=str(number)), spanId=f"{number:016x}") for number in range(60)))
    found, faults = tasks(framed(protobuf(long), protobuf(message(99))), "little")
    assert (found, faults) == ([*map(str, range(60)), "99"], [])


def test_a_broken_span_costs_itself_and_says_its_message() -> None:
    sound = message(1)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    good = reader_bytes(sound)
    bad = [
        good[:-1],  # the last field is cut off
        good + b"\x07",  # a wire type that is none
        good + text(9, b"\x0a\x50key"),  # an attribute whose key runs over its end
        good + varint(9 << 3 | 2) + b"\xff" * 10,  # a length that never ends
        good + text(9, text(1, "payback.arm") + text(2, b"\x0a\x40x")),  # a value that runs over
    ]
    scope = b"".join(text(2, each) for each in [good, *bad, good])
    found, faults = tasks(framed(text(1, text(2, scope))), "little")
    assert found == ["1", "1"]
    assert [(fault.code, fault.row) for fault in faults] == [("message", 1)] * len(bad)


def reader_bytes(one: dict[str, Any]) -> bytes:
    """The bytes of one span, without what is around it."""
    request = protobuf({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [one]}]}]})
    for number in (1, 2, 2):
        request = [value for tag, value in slowly(request) if tag == number << 3 | 2][-1]
    return request


def test_wrong_types_are_passed_over() -> None:
    sound = message(1)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    odd = whole(9, 5) + fixed(1, 7) + whole(15, 1) + text(7, "time") + text(900, "new") + whole(2000, 1)
    scope = text(2, odd.replace(fixed(1, 7), b"") + reader_bytes(sound))
    assert tasks(framed(text(1, text(2, scope) + whole(3, 1))), "little")[0] == ["1"]


def test_values_nested_deeply_are_not_gone_into() -> None:
    value = b""
    for _ in range(5000):
        value = text(5, text(1, value))
    deep = text(9, text(1, "payback.arm") + text(2, value))
    sound = message(1)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    content = framed(text(1, text(2, text(2, reader_bytes(sound) + deep))))
    assert tasks(content, "little") == (["1"], [])
    nested = b'{"resourceSpans": ' + b"[" * 100_000
    assert [fault.code for fault in tasks(nested + b"\n" + lines(message(1)), "lines")[1]] == ["json"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"resourceSpans": 5}\n',
        b'{"resourceSpans": [5]}\n',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": ["x"]}]}]}\n',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": [7]}]}]}]}\n',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": {"a": 1}}]}]}]}\n',
        b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": [1], "attributes": 7}]}]}]}\n',
        b'{"resourceSpans": [{"resource": 5, "scopeSpans": []}]}\n',
    ],
)
def test_json_of_another_shape_costs_its_line(line: bytes) -> None:
    found, faults = tasks(lines(message(1)) + line + lines(message(2)), "lines")
    assert found == ["1", "2"]
    assert [(fault.code, fault.row) for fault in faults] == [("json-type", 2)]


@given(st.binary(max_size=300), st.sampled_from(FRAMINGS))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(content: bytes, kind: str) -> None:
    found, _ = tasks(content + framed(protobuf(message(1)), kind=kind), kind)
    assert len(found) <= 1


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_bent_byte_raises_or_costs_another_message(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(FRAMINGS))
    first, second = (framed(protobuf(message(number)), kind=kind) for number in (1, 2))
    bent = bytearray(second)
    for _ in range(data.draw(st.integers(1, 4))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    found, _ = tasks(first + bytes(bent) + first, kind)
    assert found[:1] == ["1"]


def slowly(raw: bytes) -> Iterator[tuple[int, Any]]:
    """Tag and value of each field, written after the description of the wire format and nothing else."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = raw[at]
            at += 1
            value += (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(raw):
        tag = number()
        if tag & 7 == 0:
            yield tag, number()
        elif tag & 7 == 2:
            size = number()
            yield tag, raw[at : (at := at + size)]
        else:
            size = 8 if tag & 7 == 1 else 4
            yield tag, int.from_bytes(raw[at : (at := at + size)], "little")


FIELD = st.one_of(
    st.builds(whole, st.integers(1, 40), st.integers(-(2**63), 2**63 - 1)),
    st.builds(text, st.integers(1, 40), st.binary(max_size=200)),
    st.builds(fixed, st.integers(1, 40), st.integers(0, 2**64 - 1)),
)


@given(st.lists(st.lists(FIELD, max_size=6), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_fields_read_in_step_are_those_read_one_after_the_other(messages: list[list[bytes]]) -> None:
    joined = [b"".join(each) for each in messages]
    ends = np.cumsum([len(each) for each in joined])
    inside = lockstep.held(b"".join(joined))
    wanted = frozenset(number << 3 | wire for number in range(1, 41) for wire in (0, 1, 2))
    found, broken = lockstep.fields(inside, ends - [len(each) for each in joined], ends, wanted)
    assert not broken.any()
    read: list[list[tuple[int, Any]]] = [[] for _ in messages]
    for owner, tag, at, end, value in zip(
        *(column.tolist() for column in (found.owner, found.tag, found.at, found.end, found.value)),
        strict=True,
    ):
        kept = {0: value % 2**64, 1: int.from_bytes(inside.text[at:end], "little"), 2: inside.text[at:end]}
        read[owner].append((tag, kept[tag & 7]))
    assert read == [list(slowly(each)) for each in joined]


def test_every_key_of_the_allow_list_is_told_from_every_other() -> None:
    keys = [*SLOTS, "gen_ai.usage.output_tokenz", "model_", "mode", "", "payback.tag.x", "payback.tag."]
    raw = lockstep.held("".join(keys).encode())
    lengths = np.array([len(key) for key in keys])
    codes = reader._codes(raw, np.cumsum(lengths) - lengths, lengths).tolist()
    assert codes == [*range(len(SLOTS)), -1, -1, -1, -1, len(SLOTS), -1]


VALUE = st.one_of(
    st.integers(-5, 3000),
    st.floats(0, 1e6, allow_nan=False),
    st.sampled_from(
        ["chat", "LLM", "openai", "gpt-4o", "12", "", "ß" * 40, "invoke_agent", "api_request", "fast"]
    ),
    st.booleans(),
)
RECORD = st.tuples(
    st.dictionaries(st.sampled_from([*SLOTS, "payback.tag.a", "other"]), VALUE, max_size=12),
    st.integers(0, 5),
    st.integers(0, 5),
)


@given(st.lists(RECORD, max_size=40), st.booleans())
@settings(max_examples=80, deadline=None)
def test_json_and_protobuf_of_the_same_say_the_same(records: list[Any], as_logs: bool) -> None:
    made = [
        log_record(values, traceId=f"{one:032x}", spanId=f"{two:016x}")
        if as_logs
        else span(values, traceId=f"{one:032x}", spanId=f"{two + 1:016x}", parentSpanId=f"{two:016x}")
        for values, one, two in records
    ]
    request = (logs if as_logs else traces)(*made)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a"
        file.write_bytes(lines(request))
        as_json = [shown(each) for each in otlp.read(file, "lines")]
        file.write_bytes(framed(protobuf(request)))
        as_protobuf = [shown(each) for each in otlp.read(file, "little")]
    assert as_json == as_protobuf


def shown(each: Block | Fault) -> object:
    if isinstance(each, Fault):
        return each
    columns = {
        name: (values() if callable(values) else values).tolist() for name, values in each.columns.items()
    }
    blank = {"", -1, None}
    return each.kind, json.dumps(
        {name: values for name, values in columns.items() if not blank.issuperset(values)},
        default=str,
        sort_keys=True,
    )
