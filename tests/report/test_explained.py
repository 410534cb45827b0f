"""Every figure an assessment shows can be explained: its formula, what went in, where it comes from."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import payback
from payback.assessment import Assessment
from payback.cli.demo import PROJECTS
from payback.records import Figure, PaybackError, Unknown
from payback.report import explained, formulas, json_values, to_json

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(payback.__file__).parent / "examples"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Assessment]:
    @cache
    def made(name: str) -> Assessment:
        folder = tmp_path_factory.mktemp("explained") / name
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns(".payback"))
        return payback.assess(folder)

    return made


@pytest.mark.long
@pytest.mark.parametrize("name", PROJECTS)
def test_every_figure_can_be_explained(name: str, example: Callable[[str], Assessment]) -> None:
    headings = set(
        re.findall(r"^## (\S+)$", (ROOT / "docs" / "formulas.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    known = {note.key for note in formulas.notes()}
    for one in explained.named(example(name)):
        text = explained.text(one, None, 88)
        if isinstance(one.found, Unknown):
            assert one.found.reason
            assert " ".join(one.found.reason.split())[:20] in " ".join(text.split())
            continue
        assert one.found.formula in known & headings, one.key
        assert all(method.key in known & headings for _, method in explained.methods(one.found)), one.key
        assert one.found.inputs or one.found.origins, one.key
        assert explained.value_in_words(one.found) in " ".join(text.split())
        assert f"docs/formulas.md#{one.found.formula}" in text
        assert explained.would_change(one.found)


@pytest.mark.long
@pytest.mark.parametrize("name", PROJECTS)
def test_every_figure_in_the_json_has_a_name_of_its_own(
    name: str, example: Callable[[str], Assessment]
) -> None:
    every = explained.named(example(name))
    assert len({(one.use_case, one.key) for one in every}) == len(every)
    mine = {json.dumps(json_values.figure(one.found)) for one in every}
    shown = list(_figures(json.loads(to_json.json_text([example(name)]))))
    assert shown
    assert [one for one in shown if json.dumps(one) not in mine] == []
    for one in every:
        assert explained.find(every, one.use_case, one.key) is one


def _figures(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if {"value", "formula"} <= set(node) or {"unknown", "fix"} == set(node):
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _figures(one)


def test_other_words_for_a_figure(example: Callable[[str], Assessment]) -> None:
    every = explained.named(example("own-model"))
    assert explained.find(every, "own-model", "spent").key == "money_out"
    assert explained.find(every, "own-model", "Money-Out").key == "money_out"
    assert explained.find(every, "own-model", "saved").key == "hours_freed"
    compared = explained.named(example("solve-problems"))
    assert explained.find(compared, "solve-problems", "saved").key == "cost_difference"


def test_an_unknown_figure_names_the_nearest(example: Callable[[str], Assessment]) -> None:
    every = explained.named(example("own-model"))
    with pytest.raises(PaybackError, match="own-model has no figure mony_out") as refused:
        explained.find(every, "own-model", "mony_out")
    assert refused.value.fix.startswith("near it: money_out")


def test_the_totals_have_names_too(example: Callable[[str], Assessment]) -> None:
    project = example("own-model")
    assert [explained.case_named(project, word) for word in ("all", "total", "own-model")] == [
        "all",
        "all",
        "own-model",
    ]
    with pytest.raises(PaybackError, match="no use case own-modle") as refused:
        explained.case_named(project, "own-modle")
    assert refused.value.fix == "known here: own-model, all"


def test_the_range_says_how_often_it_held(example: Callable[[str], Assessment]) -> None:
    """The cell of docs/coverage for about 500 cases; the sentence itself is tested with its table."""
    every = explained.named(example("fix-issues"))
    one = explained.find(every, "fix-issues", "full_unit_cost")
    assert isinstance(one.found, Figure)
    shown = " ".join(explained.text(one, None, 88).split())
    assert re.search(r"a range held the truth in \d+ of 100 simulated cases like yours", shown)
    assert "rows in the place of what somebody said: redone as today" in shown
