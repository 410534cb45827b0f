"""Every trap of docs/formats/openai-usage.md, on files of a few results."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from payback.sources import openai_usage
from payback.sources.formats import Call
from tests.sources.logs import read_logs, without

COMPLETIONS = "organization.usage.completions.result"
START = 1772323200  # 2026-03-01T00:00:00Z
RESULT: dict[str, Any] = {
    "object": COMPLETIONS,
    "input_tokens": 1_000_000,
    "output_tokens": 50_000,
    "input_cached_tokens": 800_000,
    "num_model_requests": 120,
    "project_id": "proj_a",
    "user_id": None,
    "api_key_id": "key_a",
    "model": "gpt-5.1-2025-11-13",
    "batch": None,
    "service_tier": None,
}


def bucket(*results: dict[str, Any], start: int = START) -> dict[str, Any]:
    return {"object": "bucket", "start_time": start, "end_time": start + 86400, "results": list(results)}


def page(*buckets: dict[str, Any]) -> dict[str, Any]:
    return {"object": "page", "data": list(buckets), "has_more": False, "next_page": None}


def log(folder: Path, *results: dict[str, Any], name: str = "usage.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(page(bucket(*results)), indent=2), encoding="utf-8")
    return file


def call(folder: Path, **changed: Any) -> dict[str, Any]:
    (made,) = read_logs(log(folder, RESULT | changed)).calls
    return made


def test_a_result_is_a_sum_of_its_requests(tmp_path: Path) -> None:
    """1,000,000 of input hold 800,000 cached: 200,000 are fresh."""
    assert without(call(tmp_path), "row", "file", "message") == {
        "time": datetime(2026, 3, 1),  # noqa: DTZ001  the ledger's times are UTC without a zone
        "provider": "openai",
        "model": "gpt-5.1-2025-11-13",
        "input_tokens": 200_000,
        "cached_tokens": 800_000,
        "output_tokens": 50_000,
        "calls": 120,
        "project": "proj_a",
        "service": "completions",
        "tags": '{"key": "key_a"}',
        "tool": "openai-usage",
    }


def test_the_csv_of_the_dashboard_is_the_same(tmp_path: Path) -> None:
    """Columns as its exports of 2025 and 2026 have them; cells of a bucket without use are empty."""
    names = [
        *("start_time", "end_time", "start_time_iso", "end_time_iso", "project_id", "num_model_requests"),
        *("user_id", "api_key_id", "model", "batch", "service_tier", "input_tokens", "output_tokens"),
        *("input_cached_tokens", "input_uncached_tokens", "input_text_tokens", "output_text_tokens"),
        *(
            "input_cached_text_tokens",
            "input_audio_tokens",
            "input_cached_audio_tokens",
            "output_audio_tokens",
        ),
    ]
    file = tmp_path / "completions_usage_2026-03-01_2026-03-02.csv"
    row = {
        **{name: RESULT.get(name) for name in names},
        "start_time": START,
        "end_time": START + 86400,
        "start_time_iso": "2026-03-01T00:00:00+00:00",
        "num_model_requests": "120.0",
        "batch": "False",
        "service_tier": "default",
        "input_text_tokens": 200_000,
        "output_text_tokens": 50_000,
    }
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, names)
        writer.writeheader()
        writer.writerow({name: row["start_time"] if name == "start_time" else "" for name in names})
        writer.writerow(row)
    (made,) = read_logs(file).calls
    given = without(call(tmp_path), "row", "file", "message")
    assert without(made, "row", "file", "message") == given | {"service_tier": "default"}


def test_a_batch_has_its_own_tier(tmp_path: Path) -> None:
    assert call(tmp_path, batch=True, service_tier="default")["service_tier"] == "batch"


def test_what_was_written_to_the_cache_is_part_of_the_input(tmp_path: Path) -> None:
    made = call(tmp_path, input_cache_write_tokens=50_000)
    assert (made["input_tokens"], made["cache_write_5m_tokens"]) == (150_000, 50_000)


def test_sound_is_part_of_the_tokens_where_text_is_told_apart(tmp_path: Path) -> None:
    """200,000 fresh hold 30,000 of sound; 50,000 of output hold 10,000."""
    sound = {"input_audio_tokens": 30_000, "output_audio_tokens": 10_000}
    made = call(tmp_path, **sound, input_text_tokens=170_000)
    assert (made["input_tokens"], made["output_tokens"]) == (170_000, 40_000)
    assert json.loads(made["meters"]) == {"audio_input_tokens": 30_000, "audio_output_tokens": 10_000}


def test_sound_comes_on_top_where_text_is_not_told_apart(tmp_path: Path) -> None:
    made = call(tmp_path, input_audio_tokens=30_000, output_audio_tokens=10_000)
    assert (made["input_tokens"], made["output_tokens"]) == (200_000, 50_000)
    assert json.loads(made["meters"]) == {"audio_input_tokens": 30_000, "audio_output_tokens": 10_000}


@pytest.mark.parametrize(
    ("kind", "counted", "meters"),
    [
        ("images", {"images": 7, "size": "1024x1024", "source": "image.generation"}, {"image": 7}),
        ("audio_speeches", {"characters": 45}, {"characters": 45}),
        ("audio_transcriptions", {"seconds": 20}, {"audio_seconds": 20}),
    ],
)
def test_what_is_not_counted_in_tokens_is_metered(
    tmp_path: Path, kind: str, counted: dict[str, Any], meters: dict[str, int]
) -> None:
    result = {"object": f"organization.usage.{kind}.result", "num_model_requests": 2, "model": "m", **counted}
    (made,) = read_logs(log(tmp_path, result)).calls
    assert json.loads(made["meters"]) == meters
    assert made["calls"] == 2
    assert "input_tokens" not in made


def test_tools_count_their_own_requests(tmp_path: Path) -> None:
    result = {
        "object": "organization.usage.web_search_calls.result",
        "num_requests": 9,
        "num_model_requests": 4,
    }
    (made,) = read_logs(log(tmp_path, result | {"model": "gpt-5.1"})).calls
    assert json.loads(made["meters"]) == {"web_search": 9}
    assert made["calls"] == 4


def test_embeddings_give_no_tokens_back(tmp_path: Path) -> None:
    result = {"object": "organization.usage.embeddings.result", "input_tokens": 16, "num_model_requests": 2}
    (made,) = read_logs(log(tmp_path, result | {"model": "text-embedding-3-small"})).calls
    assert made["input_tokens"] == 16
    (direct,) = openai_usage.read(tmp_path / "usage.json", "documents")
    assert isinstance(direct, Call)
    assert direct.output_tokens == 0


def test_sessions_of_the_interpreter_are_no_requests_and_storage_is_no_use(tmp_path: Path) -> None:
    sessions = {"object": "organization.usage.code_interpreter_sessions.result", "num_sessions": 3}
    storage = {"object": "organization.usage.vector_stores.result", "usage_bytes": 1024}
    (made,) = read_logs(log(tmp_path, sessions, storage)).calls
    assert json.loads(made["meters"]) == {"code_execution": 3}


def test_a_result_without_a_model_names_none(tmp_path: Path) -> None:
    assert "model" not in call(tmp_path, model=None)


def test_pages_one_after_the_other_and_in_a_list(tmp_path: Path) -> None:
    days = [page(bucket(RESULT, start=START + day * 86400)) for day in range(3)]
    first, second = tmp_path / "pages.json", tmp_path / "list.json"
    first.write_text("\n".join(json.dumps(each, indent=2) for each in days), encoding="utf-8")
    second.write_text(json.dumps(days), encoding="utf-8")
    assert len(read_logs(first).calls) == 3
    read = read_logs(first, second)
    assert len(read.calls) == 3
    assert read.copies == 3


def test_a_bucket_exported_again_later_counts_once_with_what_came_since(tmp_path: Path) -> None:
    early = log(tmp_path, RESULT | {"output_tokens": 10, "num_model_requests": 1})
    late = log(tmp_path, RESULT, name="late.json")
    (made,) = read_logs(early, late).calls
    assert made["calls"] == 120


def test_the_same_bucket_of_two_accounts_without_ids_is_two_sums(tmp_path: Path) -> None:
    """Without the id of a project, user or key nothing says whose it is; equal counts are a copy."""
    nobody = RESULT | {"project_id": None, "api_key_id": None}
    one = log(tmp_path, nobody, name="one.json")
    other = log(tmp_path, nobody | {"output_tokens": 70_000}, name="other.json")
    again = log(tmp_path, nobody, {"object": COMPLETIONS, "input_tokens": 0}, name="again.json")
    assert len(read_logs(one, other, again).calls) == 2


def test_costs_are_another_format(tmp_path: Path) -> None:
    file = tmp_path / "costs.json"
    cost = {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"}}
    file.write_text(json.dumps(page(bucket(cost))), encoding="utf-8")
    assert "openai-usage" not in {found.format.name for found in read_logs(file).found.files}


def test_a_count_that_is_none_costs_its_result_alone(tmp_path: Path) -> None:
    read = read_logs(
        log(tmp_path, RESULT | {"input_tokens": 1.5}, RESULT | {"input_cached_tokens": 2_000_000}, RESULT)
    )
    assert len(read.calls) == 1
    assert [fault[2:] for fault in read.faults] == [
        ("not-whole", "input_tokens"),
        ("too-large", "input_cached_tokens"),
    ]
