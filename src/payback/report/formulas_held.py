"""What each formula of hardware held, and of own or call, is: the text a figure opens."""

from __future__ import annotations

from payback.locale import say
from payback.report.page import FormulaNote


def of_hardware() -> tuple[FormulaNote, ...]:
    """Hours, their cost, what was idle, and ways held against each other."""
    return (
        FormulaNote(
            "hardware",
            say("Hardware held"),
            "sum of devices x hours; x price of a device hour",
            say(
                "Hours as the clock ran, also where clocks change. Rows of the same pool that overlap are all counted."
            ),
            "",
        ),
        FormulaNote(
            "hardware-share",
            say("Share of the hours paid that were allocated, or busy"),
            "hours allocated, or busy / hours paid",
            say(
                "Hours that do not say it are taken to be like the others; the limits are all of them, and none."
            ),
            "",
        ),
        FormulaNote(
            "cost-per-allocated-hour",
            say("Cost of an allocated hour"),
            "all that was paid / hours allocated",
            say("It carries the hours nobody had. Never multiplied with the cost of a busy hour."),
            "",
        ),
        FormulaNote(
            "cost-per-busy-hour",
            say("Cost of a busy hour"),
            "all that was paid / hours busy",
            say("It carries every hour in which nothing was computed, allocated or not."),
            "",
        ),
        FormulaNote(
            "idle-money",
            say("Paid and idle"),
            "price x hours not allocated, or allocated and not busy",
            say("The two add up to what was paid and not busy, where both shares are said."),
            "",
        ),
        FormulaNote(
            "monthly-volume",
            say("Units a month"),
            "tasks / days looked at x 30.436875",
            say("As many as the judged way of working had."),
            "",
        ),
        FormulaNote(
            "monthly-cost",
            say("What a way of having the work done costs a month"),
            "once / months + a month + units x (a unit + what a unit loses)",
            say(
                "The mean of simulated futures, and the range of 90 of 100; what several ways share is drawn once."
            ),
            "",
        ),
    )
