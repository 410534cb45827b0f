"""Kinds of work, and what a project of that kind declares. Every amount is an example, marked as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from payback.locale import say


@dataclass(frozen=True, slots=True)
class Template:
    """What a use case of this kind is: its unit, how the work is done today, and the rules to set."""

    name: str
    title: str
    unit: str
    stage: str
    minutes: str  # of today's way, per unit
    wage: str
    review: str  # minutes of looking over a result
    gates: tuple[tuple[str, str, str], ...]  # name, figure, rule
    note: str


def templates() -> Mapping[str, Template]:
    """By the name that --template takes."""
    cheaper = (say("cheaper than today"), "full_unit_cost", "below_today = true")
    return {
        "support": Template(
            "support",
            say("Support replies"),
            say("ticket closed"),
            "pilot",
            "8 to 12",
            "24 to 28",
            "1 to 2",
            ((say("500 tickets closed"), "accepted", "at_least = 500"), cheaper),
            say("Accepted: closed, and not opened again within 14 days."),
        ),
        "documents": Template(
            "documents",
            say("Documents read"),
            say("document filed"),
            "pilot",
            "4 to 6",
            "24 to 28",
            "0.5 to 1",
            ((say("1,000 documents filed"), "accepted", "at_least = 1000"), cheaper),
            say("Accepted: filed without a correction at the next check."),
        ),
        "coding": Template(
            "coding",
            say("Coding agents"),
            say("change merged"),
            "production",
            "60 to 180",
            "50 to 80",
            "10 to 30",
            ((say("50 changes merged"), "accepted", "at_least = 50"), cheaper),
            say("Accepted: merged, and not reverted within 30 days."),
        ),
        "reconciliation": Template(
            "reconciliation",
            say("Reconciliation"),
            say("line matched"),
            "pilot",
            "1 to 3",
            "26 to 32",
            "0.2 to 0.5",
            ((say("2,000 lines matched"), "accepted", "at_least = 2000"), cheaper),
            say("Accepted: matched, and confirmed by the accountant."),
        ),
        "one-person": Template(
            "one-person",
            say("My own work"),
            say("piece of work used"),
            "explore",
            "20 to 40",
            "30 to 50",
            "2 to 5",
            ((say("20 pieces of work used"), "accepted", "at_least = 20"), cheaper),
            say("Accepted: you used it. Write 1 or 0 into a file once a day."),
        ),
    }


NAMES = ("support", "documents", "coding", "reconciliation", "one-person")
SAMPLE_CALLS, SAMPLE_RESULTS = "illustrative_calls.csv", "illustrative_results.csv"
SAMPLE_MODEL = "claude-haiku-4-5"
TASKS = 60


def sample_files() -> dict[str, str]:
    """Made-up calls and results, so that a template runs where there is nothing to read: never real figures."""
    calls = ["time,task,model,input_tokens,output_tokens"]
    results = ["task,decided_at,accepted,minutes"]
    for number in range(1, TASKS + 1):
        day = f"2026-{1 + (number - 1) // 28:02}-{1 + (number - 1) % 28:02}"
        task = f"example-{number:02}"
        for turn in range(1 + number % 3):
            fresh, out = 3000 + 137 * (number % 7), 400 + 31 * (number % 5)
            calls.append(f"{day}T09:{turn:02}:00Z,{task},{SAMPLE_MODEL},{fresh},{out}")
        accepted = 0 if number % 4 == 0 else 1
        results.append(f"{task},{day}T16:00:00Z,{accepted},{1 + number % 3}")
    return {SAMPLE_CALLS: "\n".join(calls) + "\n", SAMPLE_RESULTS: "\n".join(results) + "\n"}
