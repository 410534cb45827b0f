"""Observations and scores of Langfuse. Layout, token semantics and traps: docs/formats/langfuse.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from payback.sources import exports
from payback.sources.exports import decimal, nested, text
from payback.sources.faults import Fault
from payback.sources.formats import Call, Format, Outcome, Rows, instant, tokens

MODELS = frozenset({"GENERATION", "EMBEDDING"})
"""Types of observations in which a model answers. What is none of them is a step around one."""
CACHED = re.compile(r"cached|cache_read|cache_hit")
WRITTEN = re.compile(r"cache_(?:creation|write)")
REASONING = re.compile(r"reasoning")
SOUND = re.compile(r"audio")
OBSERVATION = re.compile(
    rb'"(?:usageDetails|usage_details|promptTokens|calculatedTotalCost|providedModelName|provided_model_name)"'
)
TRACED = re.compile(rb'"(?:traceId|trace_id)"')
SCORE = re.compile(rb'"(?:dataType|data_type)"\s*:\s*"(?:NUMERIC|BOOLEAN|CATEGORICAL|CORRECTION|TEXT)"')
COLUMNS = {"usagedetails", "totalcost", "providedmodelname", "promptid", "inputtokens", "totaltokens"}
COUNTED = re.compile(r"^(?!unit)(?!.*[cC]ost)")
"""Names inside an older `usage` that are not of tokens: the unit, and costs."""
INPUT = ("input", "prompt_tokens", "input_tokens", "promptTokens")
OUTPUT = ("output", "completion_tokens", "output_tokens", "completionTokens")
SCORES = " with scores"
PLAIN = re.compile(r"[^a-z]")


def recognises(path: Path, head: bytes) -> str | None:  # noqa: ARG001  the name says nothing more
    """Where keys or columns are those of observations or of scores; scores say so in the layout."""
    names = {_plain(name) for name in exports.header(head)}
    observed = names >= {"traceid", "type", "starttime"} and bool(names & COLUMNS)
    scored = names >= {"traceid", "name", "value"} and bool(names & {"datatype", "stringvalue"})
    if not names and TRACED.search(head):
        observed, scored = bool(OBSERVATION.search(head)), bool(SCORE.search(head))
    if not observed and not scored:
        return None
    return exports.layout(head) + (SCORES if scored else "")


def read(file: Path, layout: str) -> Iterator[Call | Outcome | Fault]:
    """A call for each observation of a model, an outcome for each score; a trace says whose its own are."""
    form = layout.removesuffix(SCORES)
    beyond = _beyond(file, form) if layout != form else frozenset()
    for row, held in exports.objects(file, form):
        if isinstance(held, Fault):
            yield held
            continue
        for each in exports.listed(held, "data"):
            for one, trace in _parts(each):
                kind = str(one.get("type") or "").upper()
                if _is_score(one):
                    yield _outcome(row, one, trace, beyond)
                elif kind in MODELS or (not kind and text(one.get("providedmodelname"))):
                    yield from _call(row, one, trace)


def _parts(held: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Observations and scores, each with its trace where that is in the same document."""
    given = held.get("trace")
    trace = given if isinstance(given, dict) else held
    inside = [*_list(held, "observations"), *_list(held, "scores")]
    if trace is not held:
        inside += _list(trace, "scores")
    if "observations" in held or "scores" in held:
        yield from ((_named(one), _named(trace)) for one in inside)
    else:
        yield _named(held), {}


def _is_score(held: Mapping[str, Any]) -> bool:
    return "value" in held and ("datatype" in held or "stringvalue" in held)


def _beyond(file: Path, form: str) -> frozenset[str]:
    """Names of scores that are no shares: some value of theirs is below 0 or above 1, as stars are."""
    found = set()
    for _, held in exports.objects(file, form):
        if not isinstance(held, Fault):
            for each in exports.listed(held, "data"):
                for one, _ in _parts(each):
                    value = decimal(one.get("value")) if _is_score(one) else None
                    if value is not None and not 0 <= float(value) <= 1:
                        found.add(str(one.get("name")))
    return frozenset(found)


def _list(held: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    given = held.get(name)
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _plain(name: str) -> str:
    """startTime, start_time and "Start Time" are one name."""
    return PLAIN.sub("", name.casefold())


def _named(held: Mapping[str, Any]) -> dict[str, Any]:
    return {_plain(name): value for name, value in held.items()}


def _call(row: int, held: Mapping[str, Any], trace: Mapping[str, Any]) -> Iterator[Call | Fault]:
    began = held.get("starttime")
    moment = instant(began)
    if moment is None:
        yield Fault("time" if began else "missing", row, "startTime", str(began or ""))
        return
    counts = _counts(held)
    if isinstance(counts, str):
        yield Fault("not-whole", row, counts, "")
        return
    ended = instant(held.get("endtime"))
    stated = _stated(held)
    level = str(held.get("level") or "").upper()
    tags = {
        name: value
        for name, value in (
            ("environment", text(held.get("environment")) or text(trace.get("environment"))),
            ("release", text(trace.get("release")) or text(held.get("release"))),
            ("version", text(held.get("version"))),
            ("prompt", text(held.get("promptname"))),
            ("observation", text(held.get("name"))),
        )
        if value
    }
    for tag in exports.words(held.get("tags") or held.get("tracetags") or trace.get("tags")):
        name, colon, value = tag.partition(":")
        tags.setdefault(name.strip(), value.strip() if colon else "true")
    yield Call(
        row=row,
        time=moment,
        model=text(held.get("providedmodelname")) or text(held.get("model")),
        **counts,
        stated_cost=stated,
        stated_currency="USD" if stated else None,
        seconds=decimal((ended - moment).total_seconds()) if ended and ended >= moment else None,
        error="error" if level == "ERROR" else None,
        message=text(held.get("id")),
        user=text(held.get("userid")) or text(trace.get("userid")),
        session=text(held.get("sessionid")) or text(trace.get("sessionid")),
        service=text(held.get("tracename")) or text(trace.get("name")),
        trace=text(held.get("traceid")) or text(trace.get("id")),
        span=text(held.get("id")),
        tags=json.dumps(tags, ensure_ascii=False) if tags else None,
    )


def _counts(held: Mapping[str, Any]) -> dict[str, Any] | str:
    """Tokens by kind, none in two of them; or the key whose value is no count. Nothing where none was counted.

    Cached and written input, reasoning and sound stand beside `input` and `output`, and may be part of them
    or not: the sender decides. The total tells, unless Langfuse added it up itself.
    """
    parts: dict[str, int] = {}
    for name, value in _used(held).items():
        count = tokens(value)
        if count is None:
            return f"usageDetails.{name}"
        parts[name] = count
    if not any(parts.values()):
        return {}
    total = parts.pop("total", None)
    prompt, output = (sum(parts.pop(name, 0) for name in names) for names in (INPUT, OUTPUT))
    written = {name: count for name, count in parts.items() if WRITTEN.search(name)}
    cached = sum(count for name, count in parts.items() if CACHED.search(name) and name not in written)
    for_hour = sum(count for name, count in written.items() if "1h" in name)
    split = sum(count for name, count in written.items() if "1h" in name or "5m" in name)
    all_written = max(sum(written.values()) - split, split)
    reasoning = sum(count for name, count in parts.items() if REASONING.search(name))
    heard, spoken = _sound(parts, "input"), _sound(parts, "output")
    beside_input, beside_output = cached + all_written + heard, reasoning + spoken
    in_input, in_output = _held(total, prompt, output, beside_input, beside_output)
    meters = {"audio_input_tokens": heard, "audio_output_tokens": spoken}
    return {
        "input_tokens": prompt - beside_input if in_input else prompt,
        "cached_tokens": cached,
        "cache_write_5m_tokens": all_written - for_hour,
        "cache_write_1h_tokens": for_hour,
        "output_tokens": output - spoken if in_output else output + reasoning,
        "reasoning_tokens": reasoning or None,
        "meters": json.dumps({name: count for name, count in meters.items() if count})
        if heard or spoken
        else None,
    }


def _used(held: Mapping[str, Any]) -> dict[str, Any]:
    """What was counted, by its name: as versions since 3 have it, else as those before."""
    older = {
        "input": _given(held, "prompttokens", "inputtokens", "inputusage"),
        "output": _given(held, "completiontokens", "outputtokens", "outputusage"),
        "total": _given(held, "totaltokens", "totalusage"),
    }
    for used in (nested(held.get("usagedetails")), nested(held.get("usage")), older):
        named = {
            name: value for name, value in used.items() if COUNTED.search(name) and value not in (None, "")
        }
        if named:
            return named
    return {}


def _held(
    total: int | None, prompt: int, output: int, beside_input: int, beside_output: int
) -> tuple[bool, bool]:
    """Whether input and output hold what stands beside them, as the total says; if it does not, input does not."""
    for in_input in (True, False):
        for in_output in (True, False):
            on_top = (0 if in_input else beside_input) + (0 if in_output else beside_output)
            fits = beside_input <= prompt or not in_input
            if fits and total == prompt + output + on_top and (not in_output or beside_output <= output):
                return in_input and beside_input > 0, in_output
    return False, beside_output <= output


def _given(held: Mapping[str, Any], *names: str) -> object:
    return next((held[name] for name in names if held.get(name) not in (None, "")), None)


def _sound(parts: Mapping[str, int], side: str) -> int:
    return sum(count for name, count in parts.items() if SOUND.search(name) and side in name)


def _stated(held: Mapping[str, Any]) -> str | None:
    """What Langfuse counted, in USD. Zero is not known: it has no price for the model, or none was counted."""
    parts = nested(held.get("costdetails"))
    for value in (held.get("totalcost"), held.get("calculatedtotalcost"), parts.get("total")):
        if (cost := decimal(value)) is not None and float(cost) > 0:
            return cost
    return None


def _outcome(
    row: int, held: Mapping[str, Any], trace: Mapping[str, Any], beyond: frozenset[str]
) -> Outcome | Fault:
    """A score. Accepted is yes or no, or a share: a number of a score whose values all lie from 0 to 1."""
    given = held.get("timestamp") or held.get("createdat")
    moment = instant(given)
    if moment is None:
        return Fault("time" if given else "missing", row, "timestamp", str(given or ""))
    kind = str(held.get("datatype") or "").upper()
    value = decimal(held.get("value"))
    label = text(held.get("stringvalue")) if kind != "TEXT" else None
    numbers = kind in {"NUMERIC", "BOOLEAN", ""} and str(held.get("name")) not in beyond
    share = numbers and value is not None and 0 <= float(value) <= 1
    return Outcome(
        row=row,
        decided_at=moment,
        accepted=value if share else None,
        check=text(held.get("name")),
        reason=label if kind == "CATEGORICAL" else None,
        grader=text(held.get("source")),
        trace=text(held.get("traceid")) or text(trace.get("id")),
        span=text(held.get("observationid")),
    )


FORMAT = Format(
    name="langfuse",
    title="Langfuse",
    fills=("usage", "outcome"),
    endings=(".csv", ".json", ".jsonl"),
    homes=(),
    recognises=recognises,
    read=Rows(read),
)
