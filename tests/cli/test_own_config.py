"""The plans a person pays, in config.toml: where it lies, what it holds, what is said of a fault."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from payback.cli.own_config import OwnConfig, load, place
from payback.records import Money, PaybackError
from payback.usage import Plan


def test_it_lies_where_settings_lie() -> None:
    assert place({"XDG_CONFIG_HOME": "/etc/xdg"}, windows=False) == Path("/etc/xdg/payback/config.toml")
    assert (
        place({"XDG_CONFIG_HOME": "not/absolute"}, windows=False)
        == Path.home() / ".config/payback/config.toml"
    )
    assert place({}, windows=False) == Path.home() / ".config/payback/config.toml"
    assert place({"APPDATA": "/c/Roaming"}, windows=True) == Path("/c/Roaming/payback/config.toml")


def test_without_a_file_there_are_no_plans(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == OwnConfig()


def test_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'ai_services = ["Amazon EC2*"]\n[[plans]]\nname = "claude"\nseats = 2\nmonthly = 199.90\n'
        'currency = "EUR"\nfrom = 2026-10-01\nto = 2027-09-30\n[[plans]]\nname = "codex"\nmonthly = 20\n'
    )
    assert load(file) == OwnConfig(
        (
            Plan("claude", 2, Money(Decimal("199.90"), "EUR"), date(2026, 10, 1), date(2027, 9, 30)),
            Plan("codex", 1, Money(Decimal(20), "USD")),
        ),
        ("Amazon EC2*",),
    )


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[[plans]]\nname = "claude"\nmonthly = "200"\n', 3, "plans.monthly"),
        ('[[plans]]\nname = "claude"\nmonthly = -1\n', 3, "plans.monthly"),
        (
            '[[plans]]\nname = "a"\nmonthly = 1\n[[plans]]\nname = "b"\nmonthly = 1\nseats = 0\n',
            7,
            "plans.seats",
        ),
        ('[[plans]]\nname = "claude"\nmonthly = 1\nfrom = "2026-10-01"\n', 4, "plans.from"),
        ('[[plans]]\nname = "claude"\nmonthly = 1\ncurrency = "dollars"\n', 4, "plans.currency"),
        ("[[plans]]\nmonthly = 1\n", 1, "plans"),
        ('[[plans]]\nname = "claude"\nmonthly = 1\nseat = 2\n', 4, "plans.seat"),
        ("\nplan = 1\n", 2, "plan"),
        ('ai_services = "EC2"\n', 1, "ai_services"),
    ],
)
def test_a_fault_names_line_and_key(tmp_path: Path, text: str, line: int, key: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(PaybackError) as fault:
        load(file)
    assert (fault.value.code, fault.value.where) == ("own-config", f"{file}:{line}")
    assert fault.value.message.startswith(f"{key}: ")


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[[plans]\n")
    with pytest.raises(PaybackError, match="line 1"):
        load(file)
