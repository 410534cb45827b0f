"""JSON: the schema holds, every digit is kept, and the language changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from payback.locale import use
from payback.report import to_json
from payback.report.known_page import every_figure
from tests.report.sample import ASSESSMENTS, HOSTILE
from tests.report.schema import faults

HERE = Path(__file__).parent


def test_the_document_fits_its_schema() -> None:
    schema = to_json.schema()
    assert list(faults(json.loads(to_json.json_text(ASSESSMENTS)), schema, schema)) == []


def test_the_schema_refuses_what_it_should() -> None:
    schema = to_json.schema()
    document = json.loads(to_json.json_text(ASSESSMENTS))
    document["assessments"][0]["out"]["value"] = 3.5
    document["assessments"][0]["extra"] = 1
    del document["assessments"][1]["name"]
    found = list(faults(document, schema, schema))
    assert any("extra" in one for one in found)
    assert any("name is missing" in one for one in found)
    assert any(".out" in one for one in found)


def test_it_is_what_is_stored(expected: Callable[[Path, str], None]) -> None:
    expected(HERE / "report.expected.json", to_json.json_text(ASSESSMENTS))


def test_every_figure_keeps_every_digit() -> None:
    text = to_json.json_text(ASSESSMENTS)
    for figure in every_figure(ASSESSMENTS):
        assert f'"value": "{figure.value}"' in text


def test_the_language_changes_no_key_and_no_figure() -> None:
    before = to_json.json_text(ASSESSMENTS)
    use("id")
    try:
        assert to_json.json_text(ASSESSMENTS) == before
    finally:
        use("en")


def test_hostile_text_is_written_as_codes() -> None:
    text = to_json.json_text(ASSESSMENTS)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert json.loads(text)["assessments"][1]["use_cases"][0]["notes"][1] == HOSTILE
