"""OTLP protobuf into records, all spans of a block in step. Field numbers: opentelemetry-proto 1.x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from payback.sources.faults import Fault
from payback.sources.formats import MOST
from payback.sources.otlp import framing
from payback.sources.otlp.lockstep import (
    FEW,
    FIXED64,
    TEXT,
    VARINT,
    Fields,
    Flags,
    Held,
    Ints,
    fields,
    held,
    tag,
)
from payback.sources.otlp.records import (
    EVENT,
    LOG,
    MISSING,
    SPAN,
    WRONG,
    Records,
    Words,
    count,
    decimal,
    objects,
    text,
)
from payback.sources.otlp.vocabulary import (
    CLAUDE_CODE,
    DECIMALS,
    EVALUATION,
    INHERITED,
    LONGEST,
    OF_A_RESOURCE,
    SLOTS,
    TAG,
    TEXTS,
    TOKENS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP = tag(1, TEXT)
RESOURCE, SCOPE, OLD_SCOPE = tag(1, TEXT), tag(2, TEXT), tag(1000, TEXT)
RECORD = tag(2, TEXT)
ATTRIBUTE = tag(1, TEXT)
KEY, VALUE = tag(1, TEXT), tag(2, TEXT)
TRACE, SPAN_ID, PARENT, BEGAN, ENDED = (
    tag(1, TEXT),
    tag(2, TEXT),
    tag(4, TEXT),
    tag(7, FIXED64),
    tag(8, FIXED64),
)
SPAN_ATTRIBUTE, SPAN_EVENT, STATUS = tag(9, TEXT), tag(11, TEXT), tag(15, TEXT)
STATUS_CODE, FAILED = tag(3, VARINT), 2
LOG_TIME, LOG_SEEN, LOG_BODY, LOG_ATTRIBUTE = tag(1, FIXED64), tag(11, FIXED64), tag(5, TEXT), tag(6, TEXT)
LOG_TRACE, LOG_SPAN, LOG_EVENT = tag(9, TEXT), tag(10, TEXT), tag(12, TEXT)
EVENT_TIME, EVENT_NAME, EVENT_ATTRIBUTE = tag(1, FIXED64), tag(2, TEXT), tag(3, TEXT)
IS_TEXT, IS_BOOL, IS_INT, IS_DOUBLE = tag(1, TEXT), tag(2, VARINT), tag(3, VARINT), tag(4, FIXED64)
TRACE_BYTES, SPAN_BYTES = 16, 8
SHORT = 64
"""Bytes; among longer texts few are the same."""
SINGLE = frozenset({"response", "request", "task"})
"""Hardly ever the same twice."""
ONE_BYTE = 128
"""Lengths and numbers below it take one byte."""
SMALL = 5
"""Bytes of a whole number that is read at once."""

_RECORD_TAGS = frozenset(
    {
        TRACE, SPAN_ID, PARENT, BEGAN, ENDED, SPAN_ATTRIBUTE, SPAN_EVENT, STATUS,
        LOG_TIME, LOG_SEEN, LOG_BODY, LOG_ATTRIBUTE, LOG_SPAN, LOG_EVENT,
    }
)  # fmt: skip
_KEYS = list(SLOTS)
_OF_SLOT: Mapping[str, list[tuple[int, int]]] = {
    slot: [(SLOTS[key][1], code) for code, key in enumerate(_KEYS) if SLOTS[key][0] == slot]
    for slot in (*TEXTS, *TOKENS, *DECIMALS)
}
_TAG_CODE = len(_KEYS)


def read(file: Path, name: str) -> Iterator[Records | Fault]:
    """The records of a file, a block of whole messages at a time."""
    for each in framing.batches(file, name):
        if isinstance(each, Fault):
            yield each
        else:
            yield from _records(each)


def _records(batch: framing.Batch) -> Iterator[Records | Fault]:
    inside = held(batch.text)
    at, end, row = (np.array(each, dtype=np.int64) for each in (batch.at, batch.end, batch.row))
    groups, _ = fields(inside, at, end, frozenset({GROUP}))  # of a bare request each group is a message
    group_row = row[groups.owner]
    parts, broken = fields(inside, groups.at, groups.end, frozenset({RESOURCE, SCOPE, OLD_SCOPE}))
    damaged = [group_row[broken]]
    resources, scopes = parts.only(RESOURCE), parts.only(SCOPE, OLD_SCOPE)
    listed, broken = fields(inside, scopes.at, scopes.end, frozenset({RECORD}))
    damaged.append(group_row[scopes.owner[broken]])
    order = np.argsort(listed.at, kind="stable")
    listed = listed.where(order)
    group = scopes.owner[listed.owner]
    found, broken = fields(inside, listed.at, listed.end, _RECORD_TAGS)
    damaged.append(group_row[group[broken]])
    made, bad = _made(inside, listed, found, broken, group, group_row[group], resources, len(group_row))
    damaged.append(bad)
    for number in np.concatenate(damaged).tolist():
        yield Fault("message", number)
    yield made


@dataclass(frozen=True, slots=True)
class _Known:
    """Attributes of the allow-list: whose, which key, where the key is, and the value's place and type."""

    owner: Ints
    code: Ints
    key_at: Ints
    key_end: Ints
    value: Fields
    by_code: Mapping[int, tuple[Ints, Fields]]


def _made(
    inside: Held,
    listed: Fields,
    found: Fields,
    broken: Flags,
    group: Ints,
    row: Ints,
    resources: Fields,
    groups: int,
) -> tuple[Records, Ints]:
    size = len(listed.at)
    is_log = np.zeros(size, dtype=np.bool_)
    is_log[found.only(LOG_TIME, LOG_SEEN).owner] = True
    is_span = np.zeros(size, dtype=np.bool_)
    trace_at, trace_found = _last(found.only(TRACE), size, TRACE_BYTES)
    is_span[trace_found] = True
    is_span[found.only(BEGAN).owner] = True
    is_span &= ~is_log & ~broken
    is_log &= ~broken
    of_span, of_log = found.where(is_span[found.owner]), found.where(is_log[found.owner])
    span_at, span_found = _last(of_span.only(SPAN_ID), size, SPAN_BYTES)
    parent_at, parent_found = _last(of_span.only(PARENT), size, SPAN_BYTES)
    log_trace_at, log_trace_found = _last(of_log.only(LOG_TRACE), size, TRACE_BYTES)
    log_span_at, log_span_found = _last(of_log.only(LOG_SPAN), size, SPAN_BYTES)
    trace_found &= is_span
    trace_at, trace_found = np.where(is_log, log_trace_at, trace_at), trace_found | log_trace_found
    span_at, span_found = np.where(is_log, log_span_at, span_at), span_found | log_span_found

    began = _fixed(inside, of_log.only(LOG_SEEN), size)
    logged = _fixed(inside, of_log.only(LOG_TIME), size)
    began = np.where(logged > 0, logged, began) + _fixed(inside, of_span.only(BEGAN), size)
    ended = _fixed(inside, of_span.only(ENDED), size)
    failed = np.zeros(size, dtype=np.bool_)
    status = of_span.only(STATUS)
    codes, _ = fields(inside, status.at, status.end, frozenset({STATUS_CODE}))
    failed[status.owner[codes.owner[codes.value == FAILED]]] = True

    events = of_span.only(SPAN_EVENT)
    event_owner, event_time, event_attributes = _events(inside, events)
    attributes = [of_span.only(SPAN_ATTRIBUTE), of_log.only(LOG_ATTRIBUTE), event_attributes]
    owner = np.concatenate([attributes[0].owner, attributes[1].owner, event_attributes.owner + size])
    total = size + len(event_owner)
    known, wrong = _known(
        inside,
        owner,
        np.concatenate([each.at for each in attributes]),
        np.concatenate([each.end for each in attributes]),
    )
    whose = np.concatenate([np.arange(size), event_owner])
    told = _name_events(inside, of_log)
    texts = {
        slot: cache(partial(_words, inside, known, slot, total, told if slot == "event" else {}, inherited))
        for slot in TEXTS
        for inherited in [event_owner if slot in INHERITED else event_owner[:0]]
        if _picked(known, slot) or (slot == "event" and told)
    }
    of_resource, resource_tags = _resources(inside, resources, groups)
    sort = np.where(is_span, SPAN, np.where(is_log, LOG, -1)).astype(np.int8)
    sort = np.concatenate([sort, np.full(len(event_owner), EVENT, dtype=np.int8)])
    sort[wrong] = -1
    nothing = np.zeros(len(event_owner), dtype=np.int64)
    made = Records(
        row=row[whose],
        sort=sort,
        began=np.concatenate([began, event_time]),
        ended=np.concatenate([ended, nothing]),
        failed=np.concatenate([failed, nothing > 0]),
        trace=partial(_ids, inside, trace_at[whose], trace_found[whose], TRACE_BYTES),
        span=partial(_ids, inside, span_at[whose], span_found[whose], SPAN_BYTES),
        parent=partial(_ids, inside, parent_at[whose], parent_found[whose], SPAN_BYTES),
        has_parent=parent_found[whose],
        texts=texts,
        counts={slot: _counts(inside, known, slot, total) for slot in TOKENS if _picked(known, slot)},
        decimals={slot: _decimals(inside, known, slot, total) for slot in DECIMALS if _picked(known, slot)},
        tags=_tags(inside, known),
        resource=group[whose],
        of_resource=of_resource,
        resource_tags=resource_tags,
    )
    return made, row[whose[wrong]]


def _last(found: Fields, size: int, width: int) -> tuple[Ints, Flags]:
    """Where each record's id of so many bytes is, and which records have one."""
    at, there = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    fits = found.end - found.at == width
    at[found.owner[fits]] = found.at[fits]
    there[found.owner[fits]] = True
    return at, there


def _fixed(inside: Held, found: Fields, size: int) -> Ints:
    """Each record's time, 0 where it has none."""
    made = np.zeros(size, dtype=np.int64)
    made[found.owner] = inside.words[found.at].view(np.int64)
    return made


def _ids(inside: Held, at: Ints, there: Flags, width: int, places: Ints) -> list[str]:
    """The ids at these places, as hex; one of nothing but zeros is none."""
    at, there = at[places], there[places]
    words = np.zeros((len(at), width // 8), dtype="<u8")
    for part in range(width // 8):
        words[there, part] = inside.words[at[there] + 8 * part]
    letters, wide = words.tobytes().hex(), 2 * width
    made = [letters[begin : begin + wide] for begin in range(0, len(letters), wide)]
    for none in np.nonzero(~words.any(axis=1))[0].tolist():
        made[none] = ""
    return made


def _equal(inside: Held, at: Ints, end: Ints, wanted: bytes) -> Flags:
    """Which texts are this one."""
    made: Flags = end - at == len(wanted)
    for place in range(0, len(wanted), 8):
        piece = wanted[place : place + 8]
        some = np.nonzero(made)[0]
        word = inside.words[at[some] + place] & np.uint64(2 ** (8 * len(piece)) - 1)
        made[some] = word == np.uint64(int.from_bytes(piece, "little"))
    return made


def _events(inside: Held, events: Fields) -> tuple[Ints, Ints, Fields]:
    """The evaluations among the events of spans: whose, when, and their attributes. No other is looked into."""
    wanted = frozenset({EVENT_TIME, EVENT_NAME, EVENT_ATTRIBUTE})
    found, _ = fields(inside, events.at, events.end, frozenset({EVENT_NAME}))
    kept = found.owner[_equal(inside, found.at, found.end, EVALUATION.encode())]
    chosen = events.where(np.unique(kept))
    found, _ = fields(inside, chosen.at, chosen.end, wanted)
    return chosen.owner, _fixed(inside, found.only(EVENT_TIME), len(chosen.at)), found.only(EVENT_ATTRIBUTE)


def _name_events(inside: Held, of_log: Fields) -> dict[str, Ints]:
    """Which log records tell of what, where their field or their body says so; no other body is held."""
    body = of_log.only(LOG_BODY)
    said, _ = fields(inside, body.at, body.end, frozenset({IS_TEXT}))
    named = of_log.only(LOG_EVENT)
    made: dict[str, Ints] = {}
    for name in (*CLAUDE_CODE, EVALUATION):
        some = [
            whose[_equal(inside, found.at, found.end, name.encode())]
            for whose, found in ((body.owner[said.owner], said), (named.owner, named))
        ]
        if len(together := np.concatenate(some)):
            made[name] = together
    return made


def _known(inside: Held, owner: Ints, at: Ints, end: Ints) -> tuple[_Known, Ints]:
    """Attributes of the allow-list, and whose attributes are broken."""
    plain, usual = _usual(inside, at, end)
    rest = np.nonzero(~plain)[0]
    other, bad = _unusual(inside, at[rest], end[rest])
    places = [np.nonzero(plain)[0], rest[other.value.owner]]
    key_at, key_end = (
        np.concatenate([mine, theirs[other.value.owner]])
        for mine, theirs in ((usual.key_at, other.key_at), (usual.key_end, other.key_end))
    )
    code = np.concatenate([usual.code, other.code[other.value.owner]])
    place = np.concatenate(places)
    value = Fields(
        place,
        *(
            np.concatenate([getattr(usual.value, name), getattr(other.value, name)])
            for name in ("tag", "at", "end", "value")
        ),
    )
    known = np.nonzero(code >= 0)[0]
    order = known[np.argsort(code[known], kind="stable")]
    whose, coded, value = owner[place[order]], code[order], value.where(order)
    begins = np.nonzero(np.diff(coded, prepend=-1))[0].tolist()
    by_code = {}
    for begin, stop in zip(begins, [*begins[1:], len(coded)], strict=False):
        by_code[int(coded[begin])] = (whose[begin:stop], value.where(slice(begin, stop)))
    return _Known(whose, coded, key_at[order], key_end[order], value, by_code), owner[rest[bad]]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Keys, which of the allow-list they are, and values; the owner of a value is its key's place."""

    key_at: Ints
    key_end: Ints
    code: Ints
    value: Fields


def _usual(inside: Held, at: Ints, end: Ints) -> tuple[Flags, _Pairs]:
    """Attributes of short parts, key before value, a text or a small whole number: nearly all of them are.

    Two words of eight bytes tell everything of each. The rest is read field by field.
    """
    words = inside.words
    first = words[at].view(np.int64)
    key_length = first >> 8 & 255
    key_at = at + 2
    value_at = key_at + key_length
    second = words[np.minimum(value_at, end)].view(np.int64)
    length = second >> 8 & 255
    kind = second >> 16 & 255
    inner = second >> 24 & 255
    plain = (first & 255 == KEY) & (key_length < ONE_BYTE) & (second & 255 == VALUE) & (length < ONE_BYTE)
    plain &= value_at + 2 + length == end
    is_text = (kind == IS_TEXT) & (inner == length - 2) & (length >= 2)
    bytes_ = length - 1
    is_int = (kind == IS_INT) & (bytes_ >= 1) & (bytes_ <= SMALL)
    raw = second >> 24 & (1 << 8 * SMALL) - 1
    raw &= (1 << 8 * np.minimum(np.maximum(bytes_, 0), SMALL)) - 1
    value = np.zeros(len(at), dtype=np.int64)
    for place in range(SMALL):
        byte = raw >> 8 * place & 255
        value |= (byte & 127) << 7 * place
        is_int &= (byte >= ONE_BYTE) == (place < bytes_ - 1)
    plain &= is_text | is_int
    chosen = np.nonzero(plain)[0]
    key_at, key_length, value_at = key_at[chosen], key_length[chosen], value_at[chosen]
    found = Fields(chosen, kind[chosen], value_at + 4, end[chosen], value[chosen])
    return plain, _Pairs(key_at, key_at + key_length, _codes(inside, key_at, key_length), found)


def _unusual(inside: Held, at: Ints, end: Ints) -> tuple[_Pairs, Ints]:
    """Any attributes, field by field, and the places of those that are broken."""
    pairs, broken = fields(inside, at, end, frozenset({KEY, VALUE}))
    places = np.zeros((4, len(at)), dtype=np.int64)
    for part, found in enumerate((pairs.only(KEY), pairs.only(VALUE))):
        places[2 * part, found.owner] = found.at
        places[2 * part + 1, found.owner] = found.end
    key_at, key_end, value_at, value_end = places
    code = np.where(broken, -1, _codes(inside, key_at, key_end - key_at))
    some = np.nonzero(code >= 0)[0]
    value, odd = fields(
        inside, value_at[some], value_end[some], frozenset({IS_TEXT, IS_BOOL, IS_INT, IS_DOUBLE})
    )
    value = Fields(some[value.owner], value.tag, value.at, value.end, value.value)
    return _Pairs(key_at, key_end, code, value), np.concatenate([np.nonzero(broken)[0], some[odd]])


_MASKS = np.array([2 ** (8 * min(length, 8)) - 1 for length in range(9)], dtype=np.uint64)


def _parts(words: NDArray[np.uint64], at: Ints, length: Ints) -> list[NDArray[np.uint64]]:
    """A key's first eight bytes and its last sixteen."""
    mask = _MASKS.take(length, mode="clip")
    return [words[np.maximum(at + length - back, at) if back else at] & mask for back in (0, 16, 8)]


def _mixed(parts: list[NDArray[np.uint64]], length: Ints) -> NDArray[np.uint64]:
    first, middle, last = parts
    made: NDArray[np.uint64] = first * np.uint64(0x9E3779B97F4A7C15) ^ last * np.uint64(0xC2B2AE3D27D4EB4F)
    made ^= (middle + length.astype(np.uint64)) * np.uint64(0x165667B19E3779F9)
    return made


_JOINED = held(b"".join(key.encode() for key in _KEYS))
_LENGTHS = np.array([len(key) for key in _KEYS], dtype=np.int64)
_STARTS = np.cumsum(_LENGTHS) - _LENGTHS
_KEY_PARTS = _parts(_JOINED.words, _STARTS, _LENGTHS)
_ORDER = np.argsort(_mixed(_KEY_PARTS, _LENGTHS))
_SIGNATURES = _mixed(_KEY_PARTS, _LENGTHS)[_ORDER]


def _codes(inside: Held, at: Ints, length: Ints) -> Ints:
    """Which key of the allow-list each one is, -1 for none: looked up by some of its bytes, then all compared."""
    parts = _parts(inside.words, at, length)
    looked_up = np.searchsorted(_SIGNATURES, _mixed(parts, length))
    code = _ORDER.take(looked_up, mode="clip")
    same = _LENGTHS.take(code) == length
    for mine, theirs in zip(parts, _KEY_PARTS, strict=True):
        same &= mine == theirs.take(code)
    for place in range(8, int(_LENGTHS.max()) - 16, 8):  # between the first eight bytes and the last sixteen
        some = np.nonzero(same & (length > place + 16))[0]
        same[some] = inside.words[at[some] + place] == _JOINED.words[_STARTS.take(code[some]) + place]
    code = np.where(same, code, -1)
    begins = np.nonzero(~same & (length > len(TAG)) & (length < LONGEST))[0]
    begins = begins[_equal(inside, at[begins], at[begins] + len(TAG), TAG.encode())]
    code[begins] = _TAG_CODE
    return code


def _picked(known: _Known, slot: str) -> list[tuple[Ints, Fields]]:
    """The values of a slot, the name that counts last."""
    return [known.by_code[code] for _, code in sorted(_OF_SLOT[slot], reverse=True) if code in known.by_code]


def _read(inside: Held, found: Fields) -> list[str]:
    """Texts; one too long to be a name is not held."""
    raw = inside.text
    return [
        raw[begin:end].decode("utf-8", "replace") if end - begin <= LONGEST else ""
        for begin, end in zip(found.at.tolist(), found.end.tolist(), strict=True)
    ]


def _words(
    inside: Held, known: _Known, slot: str, size: int, told: Mapping[str, Ints], inherited: Ints
) -> Words:
    """The texts of a slot. `told` are known already; the last records take over what is missing from others."""
    codes = np.zeros(size, dtype=np.int64)
    values: list[str] = [""]
    for owner, found in _picked(known, slot):
        whole = np.nonzero(found.tag == IS_INT)[0]
        codes[owner[whole]] = np.arange(len(whole)) + len(values)
        values += [text(each) for each in found.value[whole].tolist()]
        words = np.nonzero(
            (found.tag == IS_TEXT) & (found.end > found.at) & (found.end - found.at <= LONGEST)
        )[0]
        distinct = which = np.arange(len(words))
        if slot not in SINGLE:
            distinct, which = _distinct(inside, found.at[words], found.end[words])
        codes[owner[words]] = which + len(values)
        values += _read(inside, found.where(words[distinct]))
    for value, some in told.items():
        codes[some] = len(values)
        values.append(value)
    if len(inherited):
        last = codes[-len(inherited) :]
        codes[-len(inherited) :] = np.where(last == 0, codes[inherited], last)
    return Words(codes, objects(values))


def _distinct(inside: Held, at: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Places of the different texts, and which of them each text is. Names and models repeat; to read each
    once is quicker. Where a hash is shared by two texts, every text is read.
    """
    everyone = np.arange(len(at))
    length = end - at
    longest = int(length.max(initial=0))
    if longest > SHORT or len(at) < FEW:
        return everyone, everyone
    mixed = length.astype(np.uint64)
    pieces = []
    for place in range(0, longest, 8):
        mask = _MASKS.take(np.clip(length - place, 0, 8))
        piece = inside.words[np.minimum(at + place, end)] & mask
        pieces.append(piece)
        mixed = (mixed ^ piece) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    _, distinct, which = np.unique(mixed, return_index=True, return_inverse=True)
    if 2 * len(distinct) > len(at):
        return everyone, everyone
    like = distinct[which]
    if (length != length[like]).any() or any((piece != piece[like]).any() for piece in pieces):
        return everyone, everyone
    return distinct, which


def _texts(inside: Held, known: _Known, slot: str, size: int) -> NDArray[np.object_]:
    words = _words(inside, known, slot, size, {}, np.zeros(0, dtype=np.int64))
    return words.values[words.codes]


def _doubles(inside: Held, found: Fields) -> list[float]:
    doubles: list[float] = inside.words[found.at].view(np.float64).tolist()
    return doubles


def _counts(inside: Held, known: _Known, slot: str, size: int) -> Ints:
    made = np.full(size, MISSING, dtype=np.int64)
    for owner, found in _picked(known, slot):
        whole = found.tag == IS_INT
        value = found.value[whole]
        made[owner[whole]] = np.where((value >= 0) & (value < MOST), value, WRONG)
        made[owner[found.tag == IS_BOOL]] = WRONG
        for other, values in ((IS_DOUBLE, _doubles), (IS_TEXT, _read)):
            if (mask := found.tag == other).any():
                told = np.array([count(each) for each in values(inside, found.where(mask))])
                made[owner[mask][told != MISSING]] = told[told != MISSING]
    return made


def _decimals(inside: Held, known: _Known, slot: str, size: int) -> NDArray[np.object_]:
    made = np.full(size, "", dtype=object)
    for owner, found in _picked(known, slot):
        for wire, values in (
            (IS_INT, lambda _, each: each.value.tolist()),
            (IS_BOOL, lambda _, each: (each.value != 0).tolist()),
            (IS_DOUBLE, _doubles),
            (IS_TEXT, _read),
        ):
            if (mask := found.tag == wire).any():
                told = objects([decimal(each) for each in values(inside, found.where(mask))])
                made[owner[mask][told != ""]] = told[told != ""]
    return made


def _tags(inside: Held, known: _Known) -> dict[int, dict[str, str]]:
    made: dict[int, dict[str, str]] = {}
    for each in np.nonzero((known.code == _TAG_CODE) & (known.value.tag == IS_TEXT))[0].tolist():
        begin, end = int(known.key_at[each]) + len(TAG), int(known.key_end[each])
        (value,) = _read(inside, known.value.where(np.array([each])))
        if value:
            made.setdefault(int(known.owner[each]), {})[inside.text[begin:end].decode("utf-8", "replace")] = (
                value
            )
    return made


def _resources(
    inside: Held, resources: Fields, groups: int
) -> tuple[dict[str, NDArray[np.object_]], dict[int, dict[str, str]]]:
    """What stands once for all records of a group."""
    attributes, _ = fields(inside, resources.at, resources.end, frozenset({ATTRIBUTE}))
    known, _ = _known(inside, resources.owner[attributes.owner], attributes.at, attributes.end)
    made = {slot: _texts(inside, known, slot, groups) for slot in OF_A_RESOURCE if _picked(known, slot)}
    return made, _tags(inside, known)
