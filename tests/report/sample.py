"""A hand-made report's input: the group of the mock, and a benchmark project with gaps and hostile text.

Figures are invented. Every kind of figure, gap and chart occurs at least once.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from payback.assessment import (
    ArmResult,
    Assessment,
    Burn,
    BurnPoint,
    Comparison,
    Contrast,
    CostPart,
    Decision,
    Delivery,
    Experiment,
    GateResult,
    GateState,
    Look,
    Looks,
    Omission,
    Place,
    Promise,
    Rated,
    Retention,
    SegmentCell,
    SegmentRow,
    ServiceDay,
    SingleTasks,
    SourceSummary,
    Stay,
    TodayResult,
    UseCaseResult,
    Verdict,
)
from payback.records import Effect, Evidence, Figure, Input, Interval, Money, Origin, Period, Problem, Unknown

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
QUARTER = Period(date(2026, 3, 2), date(2026, 5, 17))
HOSTILE = (
    "<script>alert(1)</script>\x1b[31m\u202egpj.exe | [x](javascript:alert(2)) `rm` https://evil.example"
)
D = Decimal


def eur(amount: str) -> Money:
    return Money(D(amount), "EUR")


def money(
    name: str,
    value: str,
    evidence: Evidence,
    *,
    formula: str = "spend",
    currency: str = "EUR",
    per: str | None = None,
    low: str | None = None,
    high: str | None = None,
    bands: tuple[tuple[str, str, str], ...] = (),
    method: str = "log-delta",
    origins: tuple[Origin, ...] = (),
    **more: object,
) -> Figure:
    interval = None
    if low is not None:
        interval = Interval(
            D(low),
            None if high is None else D(high),
            method,
            bands=tuple((D(level), D(a), D(b)) for level, a, b in bands),
        )
    return Figure(
        name,
        D(value),
        "money",
        formula,
        evidence,
        currency,
        per,
        interval=interval,
        origins=origins or (Origin("ledger/2026.csv", rows=412),),
        **more,  # type: ignore[arg-type]  # a sample names only fields a Figure has
    )


def share(name: str, accepted: str, checked: int, low: str, high: str, method: str = "wilson") -> Figure:
    return Figure(
        name,
        D(accepted) / checked,
        "share",
        "acceptance",
        Evidence.MEASURED,
        interval=Interval(D(low), D(high), method),
        count=checked,
        counted="tasks",
        inputs=(
            Input("accepted", accepted, Evidence.MEASURED),
            Input("checked", str(checked), Evidence.MEASURED),
        ),
        origins=(Origin("outcomes.jsonl", rows=checked),),
    )


def hours(value: str, evidence: Evidence, low: str | None = None, high: str | None = None) -> Figure:
    interval = None if low is None or high is None else Interval(D(low), D(high), "declared", D("0.9"))
    return Figure(
        "hours freed",
        D(value),
        "hours",
        "hours-freed",
        evidence,
        interval=interval,
        origins=(Origin("timesheets.csv", rows=88),),
    )


def ratio(value: str, evidence: Evidence) -> Figure:
    return Figure("payback ratio", D(value), "ratio", "payback-ratio", evidence)


def months(monthly: list[str], year: int = 2026) -> tuple[BurnPoint, ...]:
    """Month ends, as running sums."""
    total, points = D(0), [BurnPoint(date(year, 1, 1), eur("0"), 0)]
    for month, amount in enumerate(monthly, start=1):
        total += D(amount)
        following = date(year + month // 12, month % 12 + 1, 1)
        points.append(BurnPoint(date.fromordinal(following.toordinal() - 1), Money(total, "EUR"), 0))
    return tuple(points)


OWN_MODEL = UseCaseResult(
    key="own-model",
    title="Own model",
    unit="answer used",
    stage="explore",
    owner="K. Lang",
    currency="EUR",
    period=YEAR,
    verdict=Verdict.STOP,
    why="No accepted result in 12 months. Passed its own limit on 30 April, at 8.4 million; "
    "stopping then would have kept 21.6 million.",
    headline="30.0 million went out, nothing came back.",
    until=date(2027, 1, 31),
    out=money("money out", "30000000", Evidence.BOOKED, omissions=("no electricity of the old hall",)),
    out_parts=(
        ("GPU lease", money("GPU lease", "18000000", Evidence.BILLED)),
        ("people", money("people", "12000000", Evidence.BOOKED)),
    ),
    back=money("money back", "0", Evidence.BOOKED, formula="value-back"),
    back_parts=(),
    hours_freed=hours("0", Evidence.MEASURED),
    payback_ratio=ratio("0", Evidence.BOOKED),
    arms=(),
    judged=None,
    today=None,
    comparisons=(),
    segments=(),
    gates=(
        GateResult(
            "An accepted answer by June",
            GateState.FAILED,
            "0 of 41 checked",
            "",
            date(2026, 6, 30),
            date(2026, 6, 30),
            "K. Lang",
            hard=True,
            sealed_on=date(2026, 1, 12),
        ),
    ),
    burn=Burn(
        points=months(
            ["1500000", "1900000", "2300000", "2700000", *["2700000"] * 7, "2700000"],
        ),
        spent=eur("30000000"),
        budget=None,
        kill_line=eur("8400000"),
        unless_accepted=1,
        crossed_on=date(2026, 4, 30),
        undecided=False,
        spent_when_crossed=eur("8400000"),
        kept=eur("21600000"),
        falls_due=eur("2100000"),
        falls_due_until=date(2027, 6, 30),
        falls_due_for=(("GPU lease", eur("2100000"), date(2027, 6, 30)),),
        monthly=eur("2700000"),
        saved_a_month=eur("2200000"),
    ),
    promise=Promise(
        eur("6000000"),
        eur("6000000"),
        ((Evidence.CLAIMED, eur("6000000")),),
        "board paper",
        "plan.pdf, page 4",
    ),
    decisions=(
        Decision(
            "Stop Own model",
            "2.2 million EUR a month saved",
            "2.1 million EUR still falls due: GPU lease to June",
            "K. Lang",
            date(2027, 1, 31),
            "own-model",
        ),
    ),
    left_out=(),
    notes=(),
)

_PARTS = (
    CostPart(
        "models",
        money(
            "models",
            "0.31",
            Evidence.BILLED,
            formula="full-unit-cost",
            per="invoice",
            low="0.29",
            high="0.34",
        ),
    ),
    CostPart(
        "review by a person, 1.5 minutes",
        money(
            "review",
            "0.42",
            Evidence.MEASURED,
            formula="full-unit-cost",
            per="invoice",
            low="0.36",
            high="0.49",
        ),
    ),
    CostPart(
        "redone by people, 27 of 100",
        money(
            "redone",
            "0.63",
            Evidence.ESTIMATED,
            formula="full-unit-cost",
            per="invoice",
            low="0.55",
            high="0.71",
        ),
    ),
    CostPart(
        "share of the platform",
        money(
            "platform",
            "0.12",
            Evidence.ESTIMATED,
            formula="full-unit-cost",
            per="invoice",
            low="0.09",
            high="0.15",
        ),
    ),
)

INVOICE_MATCH = UseCaseResult(
    key="invoice-match",
    title="Invoice match",
    unit="invoice",
    stage="production",
    owner="D. Roth",
    currency="EUR",
    period=YEAR,
    verdict=Verdict.SCALE,
    why="1.34 to 1.62 EUR an invoice, all in; as today 2.10 to 2.60.",
    headline="An invoice costs 1.48 with the AI, 2.35 as today.",
    until=None,
    out=money("money out", "900000", Evidence.BILLED),
    out_parts=(("models", money("models", "900000", Evidence.BILLED)),),
    back=money("money back", "820000", Evidence.BOOKED, formula="value-back"),
    back_parts=((Evidence.BOOKED, eur("820000")),),
    hours_freed=hours("3100", Evidence.MEASURED, "2800", "3400"),
    payback_ratio=ratio("0.911", Evidence.BILLED),
    arms=(
        ArmResult(
            "agent-2",
            "Matching agent 2",
            "ai",
            18240,
            18240,
            17929,
            share("accepted", "13088", 17929, "0.7235", "0.7364", "clustered-t"),
            money(
                "money out", "900000", Evidence.BILLED, low="899000", high="905000", method="missing-bounds"
            ),
            money(
                "cost per accepted",
                "1.16",
                Evidence.BILLED,
                formula="cost-per-accepted",
                per="accepted result",
                low="1.05",
                high="1.29",
            ),
            money(
                "full cost",
                "1.48",
                Evidence.ESTIMATED,
                formula="full-unit-cost",
                per="invoice",
                low="1.34",
                high="1.62",
                bands=(("0.8", "1.39", "1.57"), ("0.5", "1.43", "1.53")),
                count=18240,
                counted="invoices",
                omissions=("311 invoices never checked, counted both ways",),
            ),
            _PARTS,
            unknown_cost=0,
            unpriced=42,
            single=SingleTasks(Decimal("0.68"), Decimal("0.91"), Decimal("3.02"), 17929),
        ),
        ArmResult(
            "rules",
            "Fixed rules",
            "other",
            18240,
            18240,
            17100,
            share("accepted", "5472", 17100, "0.311", "0.329"),
            money("money out", "12000", Evidence.BOOKED),
            money(
                "cost per accepted",
                "4.10",
                Evidence.BOOKED,
                formula="cost-per-accepted",
                per="accepted result",
                low="3.60",
                high="4.70",
            ),
            money(
                "full cost",
                "2.91",
                Evidence.ESTIMATED,
                formula="full-unit-cost",
                per="invoice",
                low="2.74",
                high="3.12",
                bands=(("0.8", "2.80", "3.03"), ("0.5", "2.86", "2.97")),
            ),
        ),
    ),
    judged="agent-2",
    today=TodayResult(
        "today",
        "clerks only",
        declared=True,
        unit_cost=Figure(
            "as today",
            D("2.35"),
            "money",
            "declared",
            Evidence.ESTIMATED,
            "EUR",
            "invoice",
            interval=Interval(D("2.10"), D("2.60"), "declared", D("0.9")),
            origins=(Origin("payback.toml", note="D. Roth, 30 June 2026"),),
        ),
        break_even=money(
            "break-even",
            "1.16",
            Evidence.MEASURED,
            formula="break-even-today",
            per="invoice",
            low="1.05",
            high="1.29",
        ),
        note="As today: D. Roth, 30 June 2026, from the finance table.",
    ),
    comparisons=(
        Comparison(
            "agent-2",
            "rules",
            17800,
            money(
                "cost difference",
                "-1.43",
                Evidence.ESTIMATED,
                formula="paired-difference",
                low="-1.61",
                high="-1.22",
                method="clustered-t",
            ),
            Figure(
                "difference",
                D("0.41"),
                "share",
                "paired-difference",
                Evidence.MEASURED,
                interval=Interval(D("0.40"), D("0.42"), "clustered-t"),
                count=17800,
                counted="tasks",
            ),
        ),
    ),
    segments=(),
    looks=Looks(
        "7 of 10 accepted",
        Decimal("0.7"),
        upwards=True,
        confidence=Decimal("0.95"),
        looks=tuple(
            Look(date(2026, month, 28), tasks, *map(Decimal, ends))
            for month, tasks, ends in (
                (2, 900, ("0.702", "0.66", "0.75")),
                (4, 4100, ("0.741", "0.71", "0.75")),
                (6, 9800, ("0.728", "0.715", "0.745")),
                (9, 17929, ("0.73", "0.72", "0.741")),
            )
        ),
    ),
    gates=(
        GateResult(
            "Wrong matches under 2 in 100",
            GateState.PASSED,
            "at most 1.4 in 100",
            "",
            date(2026, 9, 12),
            None,
            "D. Roth",
            sealed_on=date(2026, 1, 12),
        ),
        GateResult(
            "Cheaper than today",
            GateState.PASSED,
            "at most 1.62 against 2.10",
            "",
            date(2026, 9, 30),
            None,
            "D. Roth",
            sealed_on=date(2026, 1, 12),
        ),
    ),
    burn=Burn(
        points=months(["75000"] * 12),
        spent=eur("900000"),
        budget=eur("1200000"),
        kill_line=None,
        unless_accepted=None,
        crossed_on=None,
        undecided=False,
        spent_when_crossed=None,
        kept=None,
        falls_due=eur("0"),
        falls_due_until=None,
        falls_due_for=(),
        monthly=eur("75000"),
        saved_a_month=eur("75000"),
    ),
    promise=Promise(
        eur("1500000"),
        eur("1500000"),
        ((Evidence.BOOKED, eur("820000")), (Evidence.CLAIMED, eur("680000"))),
        "D. Roth",
        "business case, page 7",
    ),
    decisions=(),
    left_out=(Omission("42 calls have no price", 42, "if dear, they add at most 4,100 EUR"),),
    notes=("The wording of the supplier letters changed in May.",),
)

SALES_ASSISTANT = UseCaseResult(
    key="sales-assistant",
    title="Sales assistant",
    unit="reply sent",
    stage="pilot",
    owner="",
    currency="EUR",
    period=YEAR,
    verdict=Verdict.CONTINUE,
    why="To 28 February, to answer one question: are those freed hours money?",
    headline="3.7 million went out, 0.28 million is measured as back. Are the freed hours money?",
    until=date(2027, 2, 28),
    out=money("money out", "3700000", Evidence.BILLED),
    out_parts=(),
    back=money("money back", "280000", Evidence.MEASURED, formula="value-back", low="210000", high="350000"),
    back_parts=(
        (Evidence.MEASURED, eur("280000")),
        (Evidence.ESTIMATED, eur("1900000")),
        (Evidence.CLAIMED, eur("120000")),
    ),
    hours_freed=hours("21000", Evidence.ESTIMATED, "15000", "28000"),
    payback_ratio=ratio("0.0757", Evidence.MEASURED),
    arms=(
        ArmResult(
            "copilot",
            "Reply copilot",
            "ai",
            400,
            410,
            36,
            share("accepted", "26", 36, "0.56", "0.84"),
            money("money out", "3700000", Evidence.BILLED),
            Unknown("only 36 of 400 replies were checked", "check 400 replies"),
            Unknown("only 36 of 400 replies were checked", "check 400 replies"),
            (CostPart("models", Unknown("no price for 12 calls", "add [[prices]]")),),
            notes=("One week of March is missing.",),
        ),
    ),
    judged="copilot",
    today=TodayResult(
        "today",
        "",
        declared=True,
        unit_cost=Unknown("nobody has said what a reply costs as today", "time 100 replies"),
        break_even=money(
            "break-even", "9.40", Evidence.ESTIMATED, formula="break-even-today", per="reply sent"
        ),
    ),
    comparisons=(),
    segments=(),
    gates=(
        GateResult(
            "Half the freed hours in a signed budget",
            GateState.NOT_DECIDED,
            "0 of 10,500 hours signed",
            "someone signs a budget line, or it fails",
            None,
            date(2027, 2, 28),
            "",
            sealed_on=date(2026, 1, 12),
            changed_after_seal=True,
        ),
    ),
    burn=None,
    promise=None,
    decisions=(
        Decision(
            "Check 400 sales replies",
            "could change a 1.2 million EUR decision",
            "2,600 EUR",
            "",
            date(2027, 2, 28),
            "sales-assistant",
        ),
    ),
    left_out=(
        Omission(
            "364 replies never checked",
            364,
            "counted both ways",
            (Problem("outcome-missing", "no outcome", "check it", Origin("outcomes.jsonl", 12)),),
        ),
    ),
    notes=(),
    experiment=Experiment(
        design=Effect.RANDOMISED,
        known="randomised: chance chose which task was done which way",
        arm="agent-1",
        against="people",
        since=None,
        by="R. Silva",
        source="trial plan of February",
        tested=(
            Contrast(
                "minutes",
                "Minutes of a task",
                Figure(
                    "effect_minutes",
                    D("-2.36"),
                    "minutes",
                    "regression-adjusted",
                    Evidence.MEASURED,
                    interval=Interval(D("-4.01"), D("-0.72"), "regression-adjusted"),
                    count=400,
                    counted="tasks",
                    notes=("what was expected of a task took away 70 of 100 of the variance",),
                ),
                "promised 5 minutes less, measured 2.36 less (0.72 to 4.01): not what was promised",
            ),
            Contrast(
                "cost", "Cost of a task's calls", Unknown("one of the two ways makes no calls", "add them")
            ),
        ),
        notes=("both ways got the same work, as far as can be told",),
    ),
    delivery=Delivery(
        failures=(
            Rated("sounds like AI", share("failures", "46", 212, "0.166", "0.276")),
            Rated("wrong", share("failures", "19", 212, "0.058", "0.136")),
        ),
        harm=(
            Rated(
                "severe failures", share("severe_failures", "0", 212, "0", "0.018"), says="at most 1.4 of 100"
            ),
            Rated("harm done", money("harm", "18400", Evidence.MEASURED, formula="harm")),
        ),
        service=(
            Rated(
                "calls that failed",
                share("error_rate", "31", 1840, "0.011", "0.025"),
                Figure("today_service", D("0.02"), "share", "declared", Evidence.ESTIMATED),
            ),
        ),
        service_days=(ServiceDay(date(2026, 3, 2), 120, 4), ServiceDay(date(2026, 3, 3), 96, 0)),
        adoption=(
            Rated("users who had a result accepted", share("users_accepted", "71", 120, "0.502", "0.675")),
        ),
        # Shares and ranges of lifelines 0.30.3 on retention.csv, tests/measures/data
        retention=Retention(
            users=120,
            gone_after=28,
            followed=70,
            points=tuple(
                Stay(day, D(share), D(low), D(high))
                for day, share, low, high in (
                    (1, "0.941667", "0.881537", "0.971756"),
                    (7, "0.7", "0.609371", "0.773497"),
                    (14, "0.583333", "0.48990", "0.66555"),
                    (28, "0.483333", "0.391528", "0.569088"),
                    (56, "0.360534", "0.267482", "0.4542"),
                )
            ),
            mean_days=Unknown("not made in this sample"),
            notes=("3 users were there on the first day of the log and may have begun before it",),
        ),
        places=(Place("copilot", 1, 2, 3),),
    ),
)

GROUP = Assessment(
    name="Example Group",
    title="AI spending",
    label="illustrative",
    benchmark=False,
    currency="EUR",
    period=YEAR,
    as_of=date(2026, 12, 31),
    use_cases=(OWN_MODEL, INVOICE_MATCH, SALES_ASSISTANT),
    out=money("money out", "34600000", Evidence.BILLED),
    back=money("money back", "1100000", Evidence.MEASURED, formula="value-back"),
    back_parts=(
        (Evidence.BOOKED, eur("820000")),
        (Evidence.MEASURED, eur("280000")),
        (Evidence.ESTIMATED, eur("1900000")),
        (Evidence.CLAIMED, eur("6800000")),
    ),
    hours_freed=hours("24100", Evidence.ESTIMATED),
    payback_ratio=ratio("0.0318", Evidence.MEASURED),
    promise=Promise(
        eur("9800000"),
        eur("9800000"),
        (
            (Evidence.BOOKED, eur("820000")),
            (Evidence.MEASURED, eur("280000")),
            (Evidence.ESTIMATED, eur("1900000")),
            (Evidence.CLAIMED, eur("6800000")),
        ),
        "",
        "the three business cases, signed 2025-11",
    ),
    pools=("Together they claim 38 of 100 of what these departments cost.",),
    unassigned=None,
    decisions=(*OWN_MODEL.decisions, *SALES_ASSISTANT.decisions),
    left_out=(Omission("4 of 100 calls have no price", 51200, "if dear, they add at most 0.02 million EUR"),),
    sources=(
        SourceSummary("Bookings 2026", "cost", ("ledger/2026.csv",), 412, 0, "Group accounting"),
        SourceSummary("Calls", "usage", ("calls/jan.csv", "calls/feb.csv"), 1280000, 51200, "Gateway export"),
    ),
    notes=("The lease of the GPUs was signed in May 2026.",),
    problems=(),
    seed="",
    draws=0,
    version="0.1.0",
    project_digest="3f2a9c1be77d40aa",
    data_digest="91b0e6d25c8f11e0",
    price_book="2026-11-20",
)


def _way(
    arm: str, title: str, role: str, solved: int, spend: str, each: str, low: str, high: str | None
) -> ArmResult:
    bands = () if high is None else (("0.8", f"{D(each) * D('0.93'):f}", f"{D(each) * D('1.08'):f}"), ("0.5", f"{D(each) * D('0.96'):f}", f"{D(each) * D('1.04'):f}"))  # fmt: skip
    return ArmResult(
        arm,
        title,
        role,
        500,
        500,
        500,
        share(
            "accepted",
            str(solved),
            500,
            str(max(D(0), D(solved) / 500 - D("0.042"))),
            str(D(solved) / 500 + D("0.041")),
        ),
        money("money out", spend, Evidence.MEASURED, currency="USD"),
        money(
            "cost per accepted",
            each,
            Evidence.MEASURED,
            formula="cost-per-accepted",
            currency="USD",
            per="issue resolved",
            low=low,
            high=high,
            bands=bands,
            method="bootstrap-t",
        ),
        Unknown("what an issue costs as today is not known", "give [use_cases.x.today]"),
    )


_WAYS = (
    _way("b", "Bravo 3 agent", "ai", 323, "281.40", "0.871", "0.79", "0.97"),
    _way("a", "Alpha 2 agent", "other", 291, "96.12", "0.330", "0.30", "0.37"),
    _way("c", HOSTILE, "other", 12, "12.01", "1.00", "0.41", None),
)


def _segment(value: str, tasks: int, solved: tuple[int, int, int | None], reversal: str = "") -> SegmentRow:
    cells = []
    for way, count in zip(_WAYS, solved, strict=True):
        if count is None:
            cells.append(SegmentCell(way.arm, 0, D(0), Unknown("none of these were checked")))
            continue
        middle = D(count) / tasks
        cells.append(
            SegmentCell(
                way.arm,
                tasks,
                D(count),
                share(
                    "accepted",
                    str(count),
                    tasks,
                    str(max(D(0), middle - D("0.12"))),
                    str(min(D(1), middle + D("0.12"))),
                ),
            )
        )
    return SegmentRow("repository", value, tasks, tuple(cells), reversal)


ISSUES = UseCaseResult(
    key="issues",
    title="Issues of public repositories",
    unit="issue resolved",
    stage="explore",
    owner="",
    currency="USD",
    period=QUARTER,
    verdict=Verdict.CONTINUE,
    why="No one knows what these issues cost as today; below 0.84 USD each it would not pay.",
    headline="An issue resolved costs 0.79 to 0.97 USD in model calls; as today is not known.",
    until=None,
    out=money("money out", "389.53", Evidence.MEASURED, currency="USD"),
    out_parts=(),
    back=Unknown("test tasks have no customer", "none: a benchmark cannot bring money"),
    back_parts=(),
    hours_freed=Unknown("no minutes are logged", "log minutes"),
    payback_ratio=Unknown("nothing can come back from test tasks"),
    arms=_WAYS,
    judged="b",
    today=TodayResult(
        "human",
        "maintainers",
        declared=False,
        unit_cost=Unknown("no rows of people doing these tasks", "time 30 issues"),
        break_even=money(
            "break-even",
            "0.8712",
            Evidence.MEASURED,
            formula="break-even-today",
            currency="USD",
            per="issue resolved",
            low="0.79",
            high="0.97",
        ),
    ),
    comparisons=(
        Comparison(
            "b",
            "a",
            500,
            money(
                "cost difference",
                "0.3706",
                Evidence.MEASURED,
                formula="paired-difference",
                currency="USD",
                low="0.31",
                high="0.43",
                method="clustered-t",
            ),
            Figure(
                "difference",
                D("0.064"),
                "share",
                "paired-difference",
                Evidence.MEASURED,
                interval=Interval(D("-0.012"), D("0.131"), "clustered-t"),
                count=500,
                counted="tasks",
            ),
        ),
        Comparison("b", "c", 500, Unknown("costs of 3 tasks are missing"), Unknown("not the same tasks")),
    ),
    segments=(
        _segment("django", 231, (160, 139, 4)),
        _segment(
            "sympy",
            75,
            (48, 49, 2),
            "On sympy Alpha 2 agent accepts more, although it accepts fewer overall.",
        ),
        _segment("astropy", 22, (9, 8, None)),
        _segment("matplotlib", 34, (19, 16, 1)),
    ),
    gates=(
        GateResult(
            "At least 60 of 100",
            GateState.NOT_DECIDED,
            "64.6, at least 58.9",
            "about 210 more tasks, 120 USD",
            None,
            None,
            "",
        ),
    ),
    burn=None,
    promise=None,
    decisions=(Decision("Time 30 issues done by people", "", "", "", None, "issues"),),
    left_out=(
        Omission(
            "3 runs without token counts",
            3,
            "their cost is between 0 and 4.20 USD",
            (Problem("tokens-missing", "output_tokens is empty", "log usage", Origin("runs.csv", 77)),),
        ),
    ),
    notes=("Benchmarks are not customers.", HOSTILE),
)

BENCHMARK = Assessment(
    name="Public benchmark",
    title="Test tasks",
    label="",
    benchmark=True,
    currency="USD",
    period=QUARTER,
    as_of=date(2026, 5, 16),
    use_cases=(ISSUES,),
    out=money("money out", "389.53", Evidence.MEASURED, currency="USD"),
    back=Unknown("test tasks have no customer"),
    back_parts=(),
    hours_freed=Unknown("no minutes are logged"),
    payback_ratio=Unknown("nothing can come back from test tasks"),
    promise=None,
    pools=(),
    unassigned=None,
    decisions=(),
    left_out=(),
    sources=(
        SourceSummary(
            "Runs", "usage", ("runs.csv",), 1500, 3, "The authors", "CC BY 4.0", "https://example.org/runs"
        ),
        SourceSummary(HOSTILE, "outcome", ("outcomes.jsonl",), 1500, 0),
    ),
    notes=(),
    problems=(),
    seed="payback-1",
    draws=9999,
    version="0.1.0",
    project_digest="aa11bb22cc33",
    data_digest="dd44ee55ff66",
    price_book="2026-11-20",
)

ASSESSMENTS = (GROUP, BENCHMARK)
