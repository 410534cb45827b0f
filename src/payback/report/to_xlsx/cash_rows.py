"""The work of the cash sheet: months, risks, units done, what is saved, what else comes in."""

from __future__ import annotations

import math

from payback.locale import say
from payback.measures.returns import cash
from payback.report.to_xlsx import inputs
from payback.report.to_xlsx.grid import FIRST, MADE, ONE, Grid, after
from payback.report.to_xlsx.inputs import luck_input, month_input, number_of
from payback.report.to_xlsx.table import number_format

NEVER = 1e9
"""The month of what never happens."""


def inputs_used(g: Grid) -> None:
    """Each live input, under its name on this sheet."""
    g.block(say("Inputs used: each cell is the yellow one of the sheet Inputs"))
    for key, cell in g.placed.cells.items():
        line = g.placed.lines[key]
        name = g.placed.names[key]
        unit = number_of(line.unit, line.base or 0.0)
        if key == cash.REALISATION:
            value = 1.0 if line.base is None else line.base
            how = say("{name}; counts as all of it where the cell is empty", name=name)
            g.constant(key, line.label, f"IF(ISNUMBER({cell}),{cell},1)", value, unit, how)
        else:
            g.constant(key, line.label, cell, line.base or 0.0, unit, name)


def months(g: Grid) -> None:
    """The months, above all else: these rows stay in sight."""
    g.at["month"], g.rows["month"] = g.row, [float(each + 1) for each in range(g.months)]
    g.book.text(g.sheet, g.row, 0, say("Month"), bold=True)
    g.book.text(g.sheet, g.row, ONE, say("in all, or start"), bold=True, align="right")
    g.book.text(g.sheet, g.row, MADE, say("how it is made"), bold=True)
    for month in range(g.months):
        g.sheet.write_number(g.row, FIRST + month, month + 1, g.book.style(bold=True, num_format="0"))
    g.row += 1
    begins = g.book.style(num_format="mmm yyyy", bottom=1)
    for column, words in ((0, say("begins on")), (ONE, ""), (MADE, "")):
        g.book.text(g.sheet, g.row, column, words, bottom=1)
    for month in range(g.months):
        g.sheet.write_datetime(g.row, FIRST + month, after(g.of.prospect.start, month), begins)
    g.row += 1


def calendar(g: Grid) -> None:
    """What goes by the months alone."""
    g.block(say("Time"))
    began = g.one[inputs.WAITS] + g.one[inputs.BUILD_MONTHS]
    first = f"{g.c(inputs.WAITS)}+{g.c(inputs.BUILD_MONTHS)}"
    g.line(
        "years", say("years from now"), say("(month - 1) / 12"),
        lambda m: (f"({g.m('month', m)}-1)/12", m / 12), total=False, form="0.00",
    )  # fmt: skip
    g.line(
        "running", say("runs: 1, or 0"), say("1 after the months waited and of building"),
        lambda m: (f"IF({g.m('month', m)}>{first},1,0)", 1.0 if m >= began else 0.0),
        total=False, form="0",
    )  # fmt: skip
    g.line(
        "since", say("months it has run before"), say("month - 1 - months waited - months of building"),
        lambda m: (f"MAX({g.m('month', m)}-1-({first}),0)", max(m - began, 0.0)),
        total=False, form="0",
    )  # fmt: skip
    rate = g.one[inputs.RATE]
    g.line(
        "factor", say("discount factor"), say("1 / (1 + discount rate) ^ years"),
        lambda m: (f"1/(1+{g.c(inputs.RATE)})^{g.m('years', m)}", (1 + rate) ** (-m / 12)),
        total=False, form="0.0000",
    )  # fmt: skip


def risks(g: Grid) -> None:
    """When each risk comes, and whether the use case still goes on then."""
    events = g.plan.events
    if events:
        g.block(say("Risks: each comes when half of all futures have had it, at its chance a year"))
    for at, event in enumerate(events):
        chance, luck = cash.risk_input(at, "chance"), luck_input(at)
        p, u = min(max(g.one[chance], 0.0), 1 - 1e-12), g.one[luck]
        month = math.floor(12 * math.log(u) / math.log1p(-p)) + 1.0 if p > 0 else NEVER
        key = f"risk.{at + 1}.month"
        under_way = not (event.ends or event.times)  # its clock starts with what is under way
        month += g.one[inputs.WAITS] if under_way else 0.0
        g.constant(
            key,
            say("{risk}: the month in which it comes", risk=event.name),
            f"IF(OR({g.c(chance)}<=0,{g.c(luck)}<=0),{NEVER:.0f},"
            f"INT(12*LN({g.c(luck)})/LN(1-MIN({g.c(chance)},1-10^-12)))+1)"
            + (f"+{g.c(inputs.WAITS)}" if under_way else ""),
            month,
            f'[>=100000]"{say("never")}";0',
            say("whole months in 12 ln(share of futures) / ln(1 - chance), and 1"),
        )
        g.line(
            f"since.{at}", say("{risk}: has come", risk=event.name), say("1 from that month on"),
            lambda m, key=key, month=month: (  # type: ignore[misc]
                f"IF({g.m('month', m)}>={g.c(key)},1,0)", 1.0 if m + 1 >= month else 0.0,
            ),
            total=False, form="0",
        )  # fmt: skip
    ending = [at for at, event in enumerate(events) if event.ends]
    if not ending:
        return
    g.line(
        "going", say("goes on: 1, or 0 once a risk has ended it"), say("0 once it has come"),
        lambda m: (f"1-{g.ended(m, ending)}", g.goes_on(m, ending)), total=False, form="0",
    )  # fmt: skip


def work(g: Grid) -> None:
    """How many units are done this way."""
    g.block(say("Work done this way"))
    plan = g.plan
    ramp = plan.ramp or (1.0,)
    g.entered(
        "ramp_given", say("share reached, by month of running"),
        say("month 1 is the first it runs in; the last one holds on"), ramp[: g.months], "0.0%",
    )  # fmt: skip
    g.line(
        "ramp", say("share reached in that month"), say("the one of the month of running; 0 before"),
        lambda m: (
            f"IF({g.m('running', m)}=1,INDEX({g.span('ramp_given')},{g.m('since', m)}+1),0)",
            g.rows["running"][m]
            and g.rows["ramp_given"][min(int(g.rows["since"][m]), g.months - 1)],
        ),
        total=False, form="0.0%",
    )  # fmt: skip
    if plan.volumes:
        g.entered(
            "volumes", say("units of work a month"), say("by month; the last one holds on"),
            plan.volumes[: g.months], "#,##0.##" if any(each % 1 for each in plan.volumes) else "#,##0",
        )  # fmt: skip
    else:
        volume = g.one[cash.VOLUME]
        g.line("volumes", say("units of work a month"), "", lambda _: (g.c(cash.VOLUME), volume))
    g.line(
        "growth", say("growth of the work"), say("(1 + growth a year) ^ years"),
        g.growth(cash.VOLUME_GROWTH), total=False, form="0.0000",
    )  # fmt: skip
    kept = g.one[cash.RETENTION]
    g.line(
        "retained", say("share of users still there"), say("retention ^ (months it has run / 12)"),
        lambda m: (
            f"IF({g.m('since', m)}=0,1,{g.c(cash.RETENTION)}^({g.m('since', m)}/12))",
            kept ** (g.rows["since"][m] / 12),
        ),
        total=False, form="0.0000",
    )  # fmt: skip
    adoption = g.one[cash.ADOPTION]

    def units(m: int) -> tuple[str, float]:
        factors = ("volumes", "ramp", "growth", "retained")
        still, goes = g.going(m)
        value = adoption * goes * math.prod(g.rows[key][m] for key in factors)
        return "*".join([*(g.m(key, m) for key in factors), g.c(cash.ADOPTION)]) + still, value

    g.line(
        "units", say("units done this way"),
        say("volume x share done this way x share reached x growth x share still there"), units, bold=True,
    )  # fmt: skip


def saved(g: Grid) -> None:
    """What is saved on today's way, before and after the share that turns into money."""
    g.block(say("Saved on today's way"))
    one, c = g.one, g.c
    money = number_format
    today = one[cash.MINUTES_TODAY] * one[cash.WAGE] / 60 + one[cash.COST_TODAY]
    g.constant(
        "today_each", say("a unit as today"), f"{c(cash.MINUTES_TODAY)}*{c(cash.WAGE)}/60+{c(cash.COST_TODAY)}",
        today, money(today), say("minutes x an hour of people / 60 + its cost"),
    )  # fmt: skip
    looked = one[cash.REVIEW_MINUTES] * one[cash.WAGE] / 60 + one[cash.REVIEW_COST]
    g.constant(
        "looked_over", say("people looking over a unit"),
        f"{c(cash.REVIEW_MINUTES)}*{c(cash.WAGE)}/60+{c(cash.REVIEW_COST)}",
        looked, money(looked), say("minutes of review x an hour of people / 60 + review by people"),
    )  # fmt: skip
    each = one[cash.ACCEPTANCE] * today - looked
    g.constant(
        "saved_each", say("saved on a unit"), f"{c(cash.ACCEPTANCE)}*{c('today_each')}-{c('looked_over')}",
        each, money(each), say("share accepted x a unit as today - people looking over it"),
    )  # fmt: skip
    g.line(
        "today_grows", say("growth of today's cost"), say("(1 + growth a year) ^ years"),
        g.growth(cash.TODAY_GROWTH), total=False, form="0.0000",
    )  # fmt: skip
    rows = g.rows
    g.line(
        "before_pool", say("saved if all of it turned into money"), say("units x saved on a unit x growth"),
        lambda m: (
            f"{g.m('units', m)}*{c('saved_each')}*{g.m('today_grows', m)}",
            rows["units"][m] * each * rows["today_grows"][m],
        ),
    )  # fmt: skip
    if g.has(inputs.POOL):
        pool = one[inputs.POOL]
        g.line(
            "worked", say("the same, within the cost pool"), say("no more than the pool costs"),
            lambda m: (
                f"MIN({g.m('before_pool', m)},{c(inputs.POOL)}*{g.m('today_grows', m)})",
                min(rows["before_pool"][m], pool * rows["today_grows"][m]),
            ),
        )  # fmt: skip
    else:
        g.at["worked"], rows["worked"] = g.at["before_pool"], rows["before_pool"]
    share = one[cash.REALISATION]
    g.line(
        "saved", say("saved, as money"),
        say("the share that turns into money of it; what costs more than today counts in full"),
        lambda m: (
            f"IF({g.m('worked', m)}>0,{g.m('worked', m)}*{c(cash.REALISATION)},{g.m('worked', m)})",
            rows["worked"][m] * share if rows["worked"][m] > 0 else rows["worked"][m],
        ),
        bold=True,
    )  # fmt: skip


def gains(g: Grid) -> None:
    """Other money in, by kind."""
    if not g.plan.gains:
        return
    g.block(say("Other money in"))
    for at, gain in enumerate(g.plan.gains):
        _gain(g, at, gain)
    keys = [f"gain.{at}" for at in range(len(g.plan.gains))]
    g.sum_of("gained", say("other money in"), say("the sum of these rows"), keys)


def _gain(g: Grid, at: int, gain: cash.Gain) -> None:
    amount, share = cash.value_input(at), cash.share_input(at)
    first = month_input(at, "from_month")
    last = first if gain.per == "once" else month_input(at, "until_month")
    worth = g.one[amount] * (g.one[share] if gain.shared else 1.0)
    cells = f"*{g.c(amount)}" + (f"*{g.c(share)}" if gain.shared else "")

    def make(m: int) -> tuple[str, float]:
        began = g.one[inputs.WAITS] + g.one[inputs.BUILD_MONTHS]
        place_of = m - began + 1
        still, goes = g.going(m)
        comes = g.one[first] <= place_of <= g.one[last]
        run = f"({g.m('month', m)}-{g.c(inputs.WAITS)}-{g.c(inputs.BUILD_MONTHS)})"
        when = f"IF(AND({run}>={g.c(first)},{run}<={g.c(last)}),1,0)*{g.m('running', m)}{still}"
        each = f"*{g.m('units', m)}" if gain.per == "unit" else ""
        times = g.rows["units"][m] if gain.per == "unit" else 1.0
        return when + cells + each, (comes * g.rows["running"][m] * goes * worth * times)

    how = {
        "unit": say("amount x units, in its months"),
        "month": say("amount, in its months"),
        "once": say("amount, in its month of running"),
    }[gain.per]
    label = say("{kind}: {name}", kind=gain.kind, name=gain.name) if gain.name != gain.kind else gain.kind
    g.line(f"gain.{at}", label, how, make)
