"""Charts of the returns room with sample figures: those of the picture `use-case` and harder ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from payback.measures.returns.simulation import dots_of
from payback.records import Evidence
from payback.report.page import Layout, Page, Report, Section, Verdict
from payback.report.page_returns import (
    Bridge,
    BridgeStep,
    Came,
    Fan,
    FanBand,
    FanLimit,
    LineMark,
    LineOf,
    LinePoint,
    Lines,
    MeasureNext,
    PathPoint,
    QuantileDots,
    Tornado,
    TornadoBar,
    dots_title,
    fan_title,
)

NEVER = float("inf")
LONG = "share of the freed hours of the night shift that turn into money in a budget somebody has signed"


def D(*numbers: float | str) -> tuple[Decimal, ...]:  # noqa: N802  reads like the numbers it makes
    return tuple(Decimal(str(number)) for number in numbers)


def quantile_dots(months: list[float], by: int = 12, horizon: int = 36) -> QuantileDots:
    dots = dots_of(months)
    return QuantileDots(
        title=dots_title(dots, by),
        subtitle="Month in which the money is back; each dot is 1 future in 20",
        source="20 equally likely futures drawn from the ranges below. Open dots never pay back.",
        dots=dots,
        horizon=horizon,
        by=by,
    )


PAYS = [7, 7.8, 8.5, 9.1, 9.6, 10.3, 10.9, 11.2, 11.8, 12.4, 13.5, 15, 17.2, 21, 27, 33] + [NEVER] * 4
DOTS = quantile_dots(PAYS)

FAN_MONTHS = D(3, 6, 9, 12, 15, 18, 21, 24)
MIDDLE = D(-9.7, -7, -4.2, -1.6, 0.9, 3.6, 6.3, 8.9)


def band(level: str, low: float, high: float) -> FanBand:
    """Both ends run from today to where they end, in even steps."""
    steps = len(FAN_MONTHS) - 1
    start = MIDDLE[0]

    def path(end: float) -> tuple[Decimal, ...]:
        return tuple(start + (Decimal(str(end)) - start) * step / steps for step in range(steps + 1))

    return FanBand(Decimal(level), path(low), path(high))


FAN = Fan(
    title=fan_title(FAN_MONTHS, MIDDLE),
    subtitle="Money back less money out, thousand EUR; bands 50, 80, 95 of 100",
    source="To month 3 from invoices, then estimated: the same futures as in the dots.",
    history=tuple(PathPoint(*point) for point in (D(0, 0), D(1, "-5"), D(2, "-7.6"), D(3, "-9.7"))),
    months=FAN_MONTHS,
    middle=MIDDLE,
    bands=(band("0.95", -20, 40.6), band("0.8", -14, 28), band("0.5", -2.4, 18.5)),
    so_far="9,700 out so far",
)
LIMITED = Fan(
    title=FAN.title,
    subtitle=FAN.subtitle,
    source=FAN.source,
    history=FAN.history,
    months=FAN.months,
    middle=FAN.middle,
    bands=FAN.bands,
    so_far=FAN.so_far,
    kill_line=FanLimit(Decimal(-12), "limit: 12,000 out", "passed in 3 of 20 futures by month 12"),
    committed_until=Decimal(7),
    committed_text="committed to month 7",
)


def bar(
    name: str, low: float, high: float, ends: tuple[str, str], known: Evidence | None, *, flips: bool = False
) -> TornadoBar:
    return TornadoBar(name, Decimal(str(low)), Decimal(str(high)), ends[0], ends[1], known, flips)


TORNADO = Tornado(
    title="Two inputs can turn gain into loss, and both are poorly known",
    subtitle="First-year result when one input moves over its 90 % range and the rest stay, thousand EUR",
    source="Filled by how the input is known: outline claimed, hatched estimated, tint measured, solid billed. "
    "Beside each bar: the input at that end.",
    bars=(
        bar("an hour is worth", 1.1, 20.8, ("20 EUR", "30 EUR"), Evidence.ESTIMATED),
        bar("share of freed hours that become money", -7.2, 29, ("14 of 100", "30 of 100"), Evidence.CLAIMED,
            flips=True),
        bar("minutes freed per ticket", -2.7, 22.7, ("5.4", "9.2"), Evidence.ESTIMATED, flips=True),
        bar("redone by people", 15.7, 5.5, ("20 of 100", "35 of 100"), Evidence.MEASURED),
        bar("price of the models", 13.1, 8.1, ("0.38", "0.45"), Evidence.BILLED),
        bar("share of the platform", 13.1, 8.8, ("0.09", "0.15"), Evidence.ESTIMATED),
    ),
    as_assessed=Decimal("10.9"),
    as_assessed_text="as assessed, gains 10.9",
)  # fmt: skip
CROWDED = Tornado(
    title="Every input loses money, with long names, and more of them than are shown",
    subtitle=TORNADO.subtitle,
    source=TORNADO.source,
    bars=(
        bar(
            LONG,
            -80,
            3,
            ("2 of 100 in a bad year", "61 of 100 in the best year"),
            Evidence.CLAIMED,
            flips=True,
        ),
        bar("a", -60, -3, ("1", "2,000,000 tickets a month in the busiest of months"), Evidence.MEASURED),
        *(
            bar(f"input number {number}", -40 + number, -20, ("1", "2"), Evidence.BOOKED)
            for number in range(9)
        ),
    ),
    as_assessed=Decimal(-25),
    as_assessed_text="as assessed, loses 25",
)

BRIDGE = Bridge(
    title="Of 9.8 promised, 0.82 is verified",
    subtitle="From the business case to the accounts, million EUR a year",
    source="Promised in the business cases of November 2025. A step is taken off until it is seen.",
    promised=BridgeStep("promised", Decimal("9.8"), "9.8", Came.PROMISED, Evidence.CLAIMED),
    steps=(
        BridgeStep("sales: hours of 400 people", Decimal("-5.2"), "less 5.2", Came.NOT_SEEN, Evidence.CLAIMED,
                   "only claimed"),
        BridgeStep("support: freed hours", Decimal("-1.9"), "less 1.9", Came.NOT_SEEN, Evidence.ESTIMATED,
                   "estimated, not yet in the accounts"),
        BridgeStep("own model: licences sold", Decimal("-2.2"), "less 2.2", Came.NOT_COME),
        BridgeStep("invoices: early payment discount", Decimal("0.32"), "and 0.32", Came.MORE, Evidence.BOOKED),
    ),
    verified=BridgeStep("verified", Decimal("0.82"), "0.82", Came.VERIFIED, Evidence.BOOKED),
)  # fmt: skip
BELOW = Bridge(
    title="It cost more than it brought",
    subtitle="thousand EUR",
    source="",
    promised=BridgeStep("promised in the case that was signed by the board in spring", Decimal(100), "100",
                        Came.PROMISED, Evidence.CLAIMED),
    steps=(
        BridgeStep(LONG, Decimal(-90), "less 90", Came.NOT_COME),
        BridgeStep("harm nobody had thought of", Decimal(-35), "less 35", Came.NOT_COME, None,
                   "came on top: claims of customers"),
    ),
    verified=BridgeStep("verified", Decimal(-25), "loses 25", Came.VERIFIED, Evidence.BILLED),
)  # fmt: skip

VOLUMES = tuple(Decimal(1000 * step) for step in range(11))


def line(label: str, fixed: float, each: float, *, strong: bool = False, later: bool = False) -> LineOf:
    points = tuple(LinePoint(x, Decimal(str(fixed)) + Decimal(str(each)) * x / 1000) for x in VOLUMES)
    return LineOf(label, points, strong=strong, later=later)


LINES = Lines(
    title="An own model is cheaper from 6,200 tickets a month",
    subtitle="Cost a month, thousand EUR",
    source="Fixed cost from quotes, cost per ticket as measured.",
    x_label="tickets a month",
    lines=(
        line("call a model", 0.4, 1.9),
        line("tune and run your own", 8.2, 0.64, strong=True),
        line("people, as today", 0, 5.1),
        line("agent, as quoted", 1, 2.4, later=True),
    ),
    marks=(LineMark(Decimal(6200), "own model level at 6,200"),),
)
MEASURE = MeasureNext(
    title="Measure next",
    headline="Time 100 tickets done by people.",
    says="Costs about 510, worth up to 8,000: it narrows the minutes freed, which today rest on one estimate.",
    more=("Checking 200 more replies costs about 300 and is worth up to 900: do it later.",),
    strong=("510", "8,000"),
)

BLOCKS = (DOTS, FAN, TORNADO, BRIDGE, MEASURE, LINES)
HARDER = (
    LIMITED,
    CROWDED,
    BELOW,
    quantile_dots([NEVER] * 20),
    quantile_dots([9.0] * 20, by=9),
    quantile_dots([2.5, 5, 7.25, 8, 11], by=17, horizon=24),
)


def report() -> Report:
    """A page with all of it."""
    answer = Verdict(
        None, "", "A ticket costs 2.53 with the AI, 5.10 as today.", "The freed hours are not yet money."
    )
    sections = (
        Section((answer,)),
        Section((DOTS, FAN), Layout.PAIR),
        Section((FAN, DOTS), Layout.PAIR),
        Section((TORNADO,)),
        Section((BRIDGE, MEASURE), Layout.PAIR),
        Section((MEASURE, LINES), Layout.PAIR),
        Section((LINES,)),
        Section((BRIDGE,)),
        Section((DOTS,)),
        Section((LIMITED,)),
        Section((MEASURE,), Layout.BOX),
        *(Section((block,)) for block in HARDER),
    )
    about = "support-replies, July to September 2026, EUR per closed ticket"
    pages = (
        Page("page-one", "Page one", "Example Group", about, sections, headline=True),
        Page("known", "How it is known", "Example Group", about, ()),
    )
    return Report("Returns", "sample", "en", date(2026, 9, 30), pages)
