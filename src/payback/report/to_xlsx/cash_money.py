"""The money of the cash sheet: out, net, when it is back, stopping instead, and the share that must turn into money."""

from __future__ import annotations

from functools import partial

from payback.locale import say
from payback.measures.returns import cash
from payback.report.to_xlsx import inputs
from payback.report.to_xlsx.book import place
from payback.report.to_xlsx.grid import ONE, Grid, Making
from payback.report.to_xlsx.table import number_format


def money_out(g: Grid) -> None:
    """Every kind of money out, and what falls due in any case."""
    g.block(say("Money out"))
    plan, rows, one, c = g.plan, g.rows, g.one, g.c
    g.entered(
        "prices_given", say("price of models, today is 1"), say("by month; the last one holds on"),
        (plan.prices or (1.0,))[: g.months], "0.0000",
    )  # fmt: skip
    g.line(
        "price_moves", say("change of model prices"), say("(1 + change a year) ^ years"),
        g.growth(cash.PRICE_CHANGE), total=False, form="0.0000",
    )  # fmt: skip
    g.line(
        "prices", say("price of models in that month, today is 1"),
        say("price x change x times, once a risk has changed it"), partial(_price, g), total=False, form="0.0000",
    )  # fmt: skip

    def per_unit(key: str, besides: str = "") -> Making:
        return lambda m: (
            f"{g.m('units', m)}*{c(key)}" + (f"*{g.m(besides, m)}" if besides else ""),
            rows["units"][m] * one[key] * (rows[besides][m] if besides else 1.0),
        )

    g.line(
        "models",
        say("models"),
        say("units x models, a unit x price"),
        per_unit(cash.MODEL_COST, "prices"),
    )
    g.line("platform", say("platform"), say("units x share of the platform"), per_unit(cash.PLATFORM_COST))
    g.line("harm", say("harm done"), say("units x harm done, a unit"), per_unit(cash.HARM))
    g.line("fixed", say("fixed cost"), say("in the months it runs"), partial(_fixed, g))
    g.line(
        "built",
        say("building"),
        say("in even parts over the months of building; at once where there are none"),
        partial(_built, g),
    )
    keys = ["models", "platform", "harm", "fixed", "built"]
    for at, event in enumerate(plan.events):
        if event.costs or event.switching:
            _hit(g, at, event)
            keys.append(f"hit.{at}")
    g.sum_of("planned", say("money out as planned"), say("the sum of these rows"), keys)
    due = [*plan.committed[: g.months], *[0.0] * (g.months - len(plan.committed))]
    g.entered(
        "due", say("falls due in any case"), say("under contract, also when it is stopped"),
        due, number_format(max(due, default=0.0)),
    )  # fmt: skip
    g.line(
        "out", say("money out"), say("as planned, or what falls due where that is more"),
        lambda m: (
            f"MAX({g.m('planned', m)},{g.m('due', m)})", max(rows["planned"][m], rows["due"][m])
        ),
        bold=True,
    )  # fmt: skip


def _price(g: Grid, m: int) -> tuple[str, float]:
    cells = [g.m("prices_given", m), g.m("price_moves", m)]
    value = g.rows["prices_given"][m] * g.rows["price_moves"][m]
    for at, event in enumerate(g.plan.events):
        if event.times:
            times = cash.risk_input(at, "times")
            cells.append(f"IF({g.m(f'since.{at}', m)}=1,{g.c(times)},1)")
            value *= g.one[times] if g.rows[f"since.{at}"][m] else 1.0
    return "*".join(cells), value


def _fixed(g: Grid, m: int) -> tuple[str, float]:
    still, goes = g.going(m)
    value = g.one[cash.FIXED] * g.rows["running"][m] * goes
    return f"{g.c(cash.FIXED)}*{g.m('running', m)}{still}", value


def _built(g: Grid, m: int) -> tuple[str, float]:
    waits, months, build = (g.c(key) for key in (inputs.WAITS, inputs.BUILD_MONTHS, cash.BUILD))
    month = g.m("month", m)
    lasts, waited = g.one[inputs.BUILD_MONTHS], g.one[inputs.WAITS]
    value = g.one[cash.BUILD] / max(lasts, 1) if waited <= m < waited + max(lasts, 1) else 0.0
    still, goes = g.going(m)
    now = f"IF(AND({month}>{waits},{month}<={waits}+MAX({months},1)),{build}/MAX({months},1),0)"
    return now + still, value * goes


def _hit(g: Grid, at: int, event: cash.Event) -> None:
    """What a risk costs in the month in which it comes, where nothing has ended the use case before."""
    ends = [f"risk.{place + 1}.month" for place, each in enumerate(g.plan.events) if each.ends]
    key = f"risk.{at + 1}.month"
    costs = cash.risk_input(at, "costs")

    def make(m: int) -> tuple[str, float]:
        month = g.m("month", m)
        parts, money = [], 0.0
        if event.costs:
            parts.append(g.c(costs))
            money += g.one[costs]
        if event.switching:
            parts.append(f"{g.c(cash.SWITCHING)}*{g.m('running', m)}")
            money += g.one[cash.SWITCHING] * g.rows["running"][m]
        still = f",{month}<=MIN({','.join(map(g.c, ends))})" if ends else ""
        now = f"IF(AND({month}={g.c(key)},{month}>{g.c(inputs.WAITS)}{still}),{'+'.join(parts)},0)"
        comes = m + 1 == g.one[key] and m >= g.one[inputs.WAITS]
        return now, money * (comes and all(m + 1 <= g.one[end] for end in ends))

    label = say("{risk}: money out", risk=event.name)
    g.line(f"hit.{at}", label, say("in the month in which it comes"), make)


def net(g: Grid) -> None:
    """Net, its worth, and the month in which everything spent is back."""
    g.block(say("Net"))
    rows, has_gains = g.rows, bool(g.plan.gains)

    def gained(m: int) -> str:
        return f"+{g.m('gained', m)}" if has_gains else ""

    g.line(
        "in", say("money in"), say("saved, as money + other money in"),
        lambda m: (
            f"{g.m('saved', m)}{gained(m)}", rows["saved"][m] + (rows["gained"][m] if has_gains else 0.0)
        ),
    )  # fmt: skip
    g.line(
        "net", say("net"), say("money in - money out"),
        lambda m: (f"{g.m('in', m)}-{g.m('out', m)}", rows["in"][m] - rows["out"][m]), bold=True,
    )  # fmt: skip
    g.line(
        "worth", say("its worth today"), say("net x discount factor"),
        lambda m: (f"{g.m('net', m)}*{g.m('factor', m)}", rows["net"][m] * rows["factor"][m]),
    )  # fmt: skip
    spent = g.spent

    def before(key: str, m: int, start: float) -> float:
        return rows[key][m - 1] if m else start

    g.line(
        "total", say("money back less money out, to date"), say("starts with what was spent before today"),
        lambda m: (
            f"{g.m('total', m - 1)}+{g.m('net', m)}", before("total", m, spent) + rows["net"][m]
        ),
        start=("", spent), bold=True,
    )  # fmt: skip
    below = 1.0 if spent < 0 else 0.0
    g.line(
        "below", say("has been below 0"), say("1 from then on"),
        lambda m: (
            f"IF(OR({g.m('below', m - 1)}=1,{g.m('total', m)}<0),1,0)",
            1.0 if before("below", m, below) or rows["total"][m] < 0 else 0.0,
        ),
        start=(f"IF({place(g.at['total'], ONE, fixed=False)}<0,1,0)", below), form="0",
    )  # fmt: skip
    g.line(
        "is_back", say("is back"), say("1 from the month in which it is back up at 0"),
        lambda m: (
            f"IF(OR({g.m('is_back', m - 1)}=1,AND({g.m('below', m)}=1,{g.m('total', m)}>=0)),1,0)",
            1.0 if before("is_back", m, 0.0) or (rows["below"][m] and rows["total"][m] >= 0) else 0.0,
        ),
        start=("", 0.0), form="0",
    )  # fmt: skip
    g.line(
        "back_at", say("months until it is back"), say("money of that month comes in evenly"),
        lambda m: (
            f"IF({g.m('is_back', m)}>{g.m('is_back', m - 1)},{g.m('month', m)}-1-{g.m('total', m - 1)}/{g.m('net', m)},0)",
            m - before("total", m, spent) / rows["net"][m]
            if rows["is_back"][m] > before("is_back", m, 0.0)
            else 0.0,
        ),
        form="0.00",
    )  # fmt: skip


def stopped(g: Grid) -> None:
    """What stopping now brings instead."""
    g.block(say("If it were stopped now"))
    exit_, salvage = cash.EXIT, cash.SALVAGE
    left = g.one[salvage] - g.one[exit_]
    rows = g.rows
    g.line(
        "stop", say("net if stopped"),
        say("money back - cost of stopping in month 1, unless it waits and stops in any case; - what falls due"),
        lambda m: (
            f"IF(AND({g.m('month', m)}=1,{g.c(inputs.WAITS)}=0),{g.c(salvage)}-{g.c(exit_)},0)-{g.m('due', m)}",
            (left if m == 0 and not g.one[inputs.WAITS] else 0.0) - rows["due"][m],
        ),
    )  # fmt: skip
    g.line(
        "stop_worth", say("its worth today, if stopped"), say("net if stopped x discount factor"),
        lambda m: (f"{g.m('stop', m)}*{g.m('factor', m)}", rows["stop"][m] * rows["factor"][m]),
    )  # fmt: skip


def even(g: Grid) -> None:
    """Worth is a straight line in the share that turns into money: two sums give where it is 0."""
    g.block(say("Which share of what is saved must turn into money"))
    rows = g.rows
    g.line(
        "even_each", say("worth of what is saved, if all of it did"), say("saved above 0 x discount factor"),
        lambda m: (
            f"MAX({g.m('worked', m)},0)*{g.m('factor', m)}",
            max(rows["worked"][m], 0.0) * rows["factor"][m],
        ),
    )  # fmt: skip
    gains = bool(g.plan.gains)

    def none(m: int) -> tuple[str, float]:
        gained = f"+{g.m('gained', m)}" if gains else ""
        value = min(rows["worked"][m], 0.0) + (rows["gained"][m] if gains else 0.0) - rows["out"][m]
        return (
            f"(MIN({g.m('worked', m)},0){gained}-{g.m('out', m)}-{g.m('stop', m)})*{g.m('factor', m)}",
            (value - rows["stop"][m]) * rows["factor"][m],
        )

    g.line(
        "even_none", say("worth of going on, if none of it did"),
        say("(all else in - money out - net if stopped) x discount factor"), none,
    )  # fmt: skip
