"""payback what-if: the guide, how changes are written, and how it ends."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from payback.cli.what_if import command, factor
from payback.records import PaybackError
from tests.assessor.test_difference import RULES
from tests.assessor.test_what_if import REVIEW, three_of_four

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "what_if.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """0.30 of calls, 1.00 of review, a quarter of 5.00 redone: 2.55 a ticket, 0.30 of them models."""
    made = tmp_path_factory.mktemp("tickets")
    three_of_four(made, RULES.replace("[use_cases.u]", '[use_cases.u]\ntitle = "Tickets"', 1) + REVIEW)
    return made


def test_the_guide_comes_out_as_told(folder: Path, payback: Payback) -> None:
    told = re.findall(r"^```\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    half = ("what-if", folder, "--quiet", "--price", "*=-50%")
    done = payback(*half)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(told[0])
    assert told[1] in payback(*half, "--tokens", "x2").out
    assert told[2] in payback(*half, "--tokens", "x2.5", "--elasticity=-0.4").out


def test_options_in_the_guide_exist() -> None:
    known = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
    used = set(re.findall(r"--[a-z][a-z-]+", GUIDE.read_text(encoding="utf-8")))
    assert used <= known
    assert known - used == {"--quiet"}


def test_json_has_exact_factors(folder: Path, payback: Payback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    found = json.loads(payback("what-if", "--price", "m=-50%", "--elasticity", "-1 to 0", "--json").out)
    assert (found["schema_version"], found["kind"]) == (1, "what_if")
    (case,) = found["use_cases"]
    assert case["factors"]["spend"] == ["0.5", "1"]
    assert case["spend"] == {"currency": "EUR", "before": "1.2", "low": "0.6", "high": "1.2"}
    assert case["model_share"].startswith("0.11764705882")  # 2 / 17


@pytest.mark.parametrize(
    ("text", "found"),
    [("-50%", Fraction(1, 2)), ("+30%", Fraction(13, 10)), ("x2", Fraction(2)), ("x0.85", Fraction(17, 20))],
)
def test_how_a_change_is_written(text: str, found: Fraction) -> None:
    assert factor(text, "--price") == found


@pytest.mark.parametrize("text", ["50", "-100%", "x0", "-150%", "half", "", "1e3", "x-2", "50%"])
def test_what_is_no_change(text: str) -> None:
    with pytest.raises(PaybackError, match="is no change of something that stays above 0") as refused:
        factor(text, "--price")
    assert refused.value.code == "not-a-change"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--price", "*"), "does not say what of which model"),
        (("--model", "m="), "does not say what of which model"),
        (("--elasticity", "much"), "is not a number"),
        (("--elasticity", "-11"), "too large to be meant"),
        (("--reviewer-wage", "-1"), "is below 0"),
        (("--vendor-cost", "m=1 to 2"), "is not one amount"),
        (("--as-if", "yesterday"), "yesterday"),
        (("--use-case", "nonsense"), "there is no use case nonsense"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_a_wrong_call_ends_with_2(
    arguments: tuple[str, ...], says: str, folder: Path, payback: Payback
) -> None:
    done = payback("what-if", folder, "--quiet", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_without_any_row_it_ends_with_5(tmp_path: Path, payback: Payback) -> None:
    three_of_four(tmp_path)
    for file in ("usage.csv", "outcome.csv"):
        (tmp_path / file).unlink()
    done = payback("what-if", tmp_path, "--quiet")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("payback: there is no row to reckon with")
