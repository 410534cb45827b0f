"""Which records are calls or results, and what they say: the same rules for every vocabulary and encoding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from payback.sources.faults import Fault
from payback.sources.formats import FIRST_YEAR, YEAR_AFTER, Block, Call, Outcome
from payback.sources.otlp.lockstep import Flags, Ints
from payback.sources.otlp.records import EVENT, LOG, MISSING, SPAN, WRONG, Records, objects
from payback.sources.otlp.vocabulary import CALLS, CLAUDE_CODE, EMBEDDINGS, EVALUATION, REQUEST_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNTS = ("input", "cached", "written", "output", "reasoning")
FIRST, AFTER = (
    int(np.datetime64(f"{year}-01-01", "ns").astype(np.int64)) for year in (FIRST_YEAR, YEAR_AFTER)
)
ONE = 1.0
USD = "USD"
TAGGED = ("agent", "environment", "version")
NO_CALL, CALL, EMBEDDING, CLAUDE = range(4)


def rows(records: Records) -> Iterator[Block | Fault]:
    """The calls and results among the records, and what is wrong with those that are left out."""
    if not len(records.row):
        return
    sorts = _sorts(records)
    if (sorts != NO_CALL).any():
        yield from _calls(records, np.nonzero(sorts != NO_CALL)[0], sorts)
    yield from _outcomes(records)


TELLING = ("operation", "kind", "step", "request_type", "span_type", "event")


def _sorts(records: Records) -> Ints:
    """What each record is: told once for each combination of words."""
    metered = (records.count("input") != MISSING) & (records.count("output") != MISSING)
    for slot in ("model", "provider"):
        metered &= records.texts[slot]().codes > 0 if slot in records.texts else False
    if not records.texts.keys() & set(TELLING) and not metered.any():
        return np.zeros(len(records.row), dtype=np.int64)
    combined = (records.sort.astype(np.int64) + 1) * 2 + metered
    values: list[NDArray[np.object_]] = []
    for slot in TELLING:
        if slot in records.texts:
            words = records.texts[slot]()
            values.append(words.values)
            _, combined = np.unique(combined * len(words.values) + words.codes, return_inverse=True)
    _, first, combined = np.unique(combined, return_index=True, return_inverse=True)
    told = zip(
        records.sort[first].tolist(),
        metered[first].tolist(),
        *(records.text(slot, first).tolist() for slot in TELLING),
        strict=True,
    )
    made: Ints = np.array([_sort(*each) for each in told], dtype=np.int64)[combined]
    return made


def _sort(sort: int, named: bool, *told: str) -> int:
    operation, kind, step, request_type, span_type, event = told
    if sort == LOG:
        return CLAUDE if event in CLAUDE_CODE else NO_CALL
    if sort != SPAN:
        return NO_CALL
    made = EMBEDDING if EMBEDDINGS & {operation, kind.upper(), request_type} else CALL
    if span_type:
        return CLAUDE if span_type == "llm_request" else NO_CALL
    if operation:
        return made if operation in CALLS else NO_CALL
    if kind:
        return made if kind.upper() in {"LLM", "EMBEDDING"} else NO_CALL
    if step:
        return NO_CALL
    if request_type:
        return made if request_type in REQUEST_TYPES else NO_CALL
    return CALL if named else NO_CALL


def _calls(records: Records, places: Ints, sorts: Ints) -> Iterator[Block | Fault]:
    claude = sorts[places] == CLAUDE
    used = {
        name: np.where(claude, records.count(f"plain_{name}")[places], records.count(name)[places])
        if name != "reasoning"
        else records.count(name)[places]
        for name in COUNTS
    }
    moment = np.where(records.began[places] > 0, records.began[places], records.ended[places])
    sound = (moment >= FIRST) & (moment < AFTER)
    for at in np.nonzero(~sound)[0].tolist():
        given = int(moment[at])
        yield Fault("time" if given else "missing", int(records.row[places[at]]), "time", str(given or ""))
    for name, counts in used.items():
        for at in np.nonzero((counts == WRONG) & sound)[0].tolist():
            yield Fault("not-whole", int(records.row[places[at]]), f"{name}_tokens")
            sound[at] = False
    if not sound.all():
        places, claude, moment = places[sound], claude[sound], moment[sound]
        used = {name: counts[sound] for name, counts in used.items()}
    if not len(places):
        return
    for at in np.nonzero(_beside(used, claude) & ~claude)[0].tolist():
        yield Fault("cache-beside", int(records.row[places[at]]), "input_tokens", str(int(used["input"][at])))
    yield Block(Call, _columns(records, places, claude, moment, used, sorts[places] == EMBEDDING))


def _beside(used: Mapping[str, Ints], claude: Flags) -> Flags:
    """Where what was cached is not part of the input: it is more than it, or Claude Code wrote it."""
    parts = np.maximum(used["cached"], 0) + np.maximum(used["written"], 0)
    made: Flags = claude | (parts > used["input"]) & (used["input"] != MISSING)
    return made


def _columns(
    records: Records,
    places: Ints,
    claude: Flags,
    moment: Ints,
    used: Mapping[str, Ints],
    embedding: Flags,
) -> dict[str, Any]:
    def text(slot: str) -> NDArray[np.object_]:
        return records.text(slot, places)

    parts = np.maximum(used["cached"], 0) + np.maximum(used["written"], 0)
    fresh = np.where(_beside(used, claude) | (used["input"] == MISSING), used["input"], used["input"] - parts)
    # An embedding has no output: that none is logged is not missing.
    output = np.where(embedding & (used["output"] == MISSING) & (used["input"] != MISSING), 0, used["output"])
    columns: dict[str, Any] = {
        "row": records.row[places],
        "time": (moment // 1000).astype("datetime64[us]"),
        "input_tokens": fresh,
        "cached_tokens": used["cached"],
        "cache_write_5m_tokens": used["written"],
        "output_tokens": output,
        "reasoning_tokens": used["reasoning"],
        "seconds": _seconds(records, places),
        "message": _message(records, places, claude),
        "trace": lambda: objects(records.trace(places)),
        "span": lambda: objects(records.span(places)),
    }
    for name in (
        "provider",
        "model",
        "service_tier",
        "session",
        "user",
        "service",
        "use_case",
        "task",
        "arm",
        "trial",
    ):
        if records.has(name):
            columns[name] = partial(text, name)
    if records.has("plain_model"):
        given = text("plain_model")
        columns["model"] = np.where(claude & (given != ""), given, text("model"))
    if records.has("speed"):
        columns["service_tier"] = np.where(text("speed") == "fast", "fast", text("service_tier"))
    failed = records.failed[places]
    if records.has("error") or failed.any():
        kind = text("error")
        columns["error"] = np.where(failed & (kind == ""), "error", kind)
    if records.has_parent[places].any():
        columns["within"] = lambda: objects(records.parent(places))
    if records.tags or records.resource_tags or any(map(records.has, TAGGED)):
        columns["tags"] = lambda: _tags(records, places)
    if "cost" in records.decimals or "plain_cost" in records.decimals:
        columns |= _stated(records, places, claude)
    return columns


def _stated(records: Records, places: Ints, claude: Flags) -> dict[str, Any]:
    """What the log says a call cost. Zero is what nobody knew; money without a usable currency is none."""
    cost = np.where(claude, records.decimal("plain_cost")[places], records.decimal("cost")[places])
    currency = np.where(
        claude | (records.text("currency", places) == ""), USD, records.text("currency", places)
    )
    known = [
        bool(each) and float(each) > 0 and len(code) == len(USD) and code.isascii() and code.isalpha()
        for each, code in zip(cost.tolist(), currency.tolist(), strict=True)
    ]
    return {
        "stated_cost": np.where(known, cost, ""),
        "stated_currency": np.where(known, objects([code.upper() for code in currency.tolist()]), ""),
    }


def _seconds(records: Records, places: Ints) -> NDArray[np.float64]:
    began, ended = records.began[places], records.ended[places]
    lasted = np.where((began > 0) & (ended >= began), ended - began, -1)
    if "milliseconds" in records.counts:
        given = records.count("milliseconds")[places]
        lasted = np.where((records.sort[places] == LOG) & (given >= 0), given * 10**6, lasted)
    made: NDArray[np.float64] = np.where(lasted < 0, -1, lasted / 10**9)
    return made


def _message(records: Records, places: Ints, claude: Flags) -> NDArray[np.object_]:
    """The response's id; else the span's own, so that a span exported twice is one call."""
    made = records.text("response", places)
    if claude.any():
        request, session, number = (records.text(slot, places) for slot in ("request", "session", "sequence"))
        for at in np.nonzero(claude)[0].tolist():
            made[at] = request[at]
            if not made[at] and session[at] and number[at] and records.sort[places[at]] == LOG:
                made[at] = f"{session[at]}/{number[at]}"
    none = np.nonzero((made == "") & (records.sort[places] == SPAN))[0]
    if len(none):
        ids = zip(records.trace(places[none]), records.span(places[none]), strict=True)
        made[none] = objects([f"{trace}/{span}" if trace and span else "" for trace, span in ids])
    return made


def _tags(records: Records, places: Ints) -> NDArray[np.object_]:
    """A JSON object of the few tags that are kept."""
    named = [records.text(slot, places).tolist() for slot in TAGGED]
    made: dict[tuple[Any, ...], str] = {}
    shown = []
    nothing: Mapping[str, str] = {}
    for at, *values in zip(places.tolist(), *named, strict=True):
        own = records.tags.get(at, nothing)
        general = records.resource_tags.get(int(records.resource[at]), nothing)
        key = (*values, *general.items(), None, *own.items())
        if key not in made:
            held = {slot: value for slot, value in zip(TAGGED, values, strict=True) if value}
            tags = {**held, **general, **own}
            made[key] = json.dumps(tags, ensure_ascii=False, sort_keys=True) if tags else ""
        shown.append(made[key])
    return objects(shown)


def _outcomes(records: Records) -> Iterator[Block]:
    """Evaluations, and what payback's own attribute says of a span."""
    event = np.zeros(len(records.row), dtype=np.bool_)
    if {"check", "label"} & records.texts.keys() or "score" in records.decimals:
        event = records.sort == EVENT
        if "event" in records.texts:
            words = records.texts["event"]()
            event |= (records.sort == LOG) & (words.values == EVALUATION)[words.codes]
    stated = (records.sort == SPAN) & (records.decimal("accepted") != "")
    places = np.nonzero(event | stated)[0]
    if not len(places):
        return
    event = event[places]
    score = np.where(event, records.decimal("score")[places], records.decimal("accepted")[places])
    moment = np.where(event, records.began[places], records.ended[places])
    moment = np.where((moment >= FIRST) & (moment < AFTER), moment // 1000, np.iinfo(np.int64).min)
    columns: dict[str, Any] = {
        "row": records.row[places],
        "decided_at": moment.astype("datetime64[us]"),
        "accepted": objects([each if each and 0 <= float(each) <= ONE else "" for each in score.tolist()]),
        "check": np.where(event, records.text("check", places), ""),
        "reason": np.where(event, records.text("label", places), ""),
        "trace": objects(records.trace(places)),
        "span": objects(records.span(places)),
        "message": records.text("response", places),
    }
    for name in ("use_case", "task", "arm", "trial"):
        columns[name] = records.text(name, places)
    yield Block(Outcome, columns)
