"""Tables of today's work: which column is what, which rows count, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from payback.assessor import work_tables
from payback.assessor.work_tables import Reading, Sheet, WorkTable, amount, read
from payback.measures.ranges import known, mean
from payback.records import PaybackError

HEAD = ("work", "segment", "volume", "minutes", "wage")


def sheet(*rows: Sequence[str], head: Sequence[str] = HEAD, shown: str = "work.csv") -> Sheet:
    return Sheet(shown, [(number, list(each)) for number, each in enumerate((head, *rows), start=1)])


def table(*rows: Sequence[str], head: Sequence[str] = HEAD, **reading: object) -> WorkTable:
    return read([sheet(*rows, head=head)], Reading(**({"columns": {}} | reading)))  # type: ignore[arg-type]


def test_a_row_is_a_kind_of_work() -> None:
    (found,) = table(("tickets", "EU", "1000", "6", "30")).works
    assert (found.name, found.segment) == ("tickets", "EU")
    assert [each.parameters for each in (found.a_month, found.minutes, found.wage) if each] == [
        (1000.0,),
        (6.0,),
        (30.0,),
    ]


@pytest.mark.parametrize(
    "head",
    [
        ("Process", "Team", "Tickets per month", "Minutes per unit", "Hourly wage (EUR)"),
        ("工作类型", "部门", "每月数量", "分钟", "时薪"),
        ("jenis_pekerjaan", "tim", "jumlah per bulan", "menit", "upah per jam"),
        ("KIND OF WORK", "Department", "monthly volume", "avg minutes", "hourly rate"),
    ],
)
def test_columns_are_found_by_name(head: Sequence[str]) -> None:
    (found,) = table(("tickets", "EU", "1000", "6", "30"), head=head).works
    assert (found.segment, found.a_month.parameters) == ("EU", (1000.0,))


@pytest.mark.parametrize(
    ("name", "a_month"),
    [
        ("Volume per year", 1000.0),
        ("annual volume", 1000.0),
        ("年数量", 1000.0),
        ("volume a quarter", 4000.0),
    ],
)
def test_a_volume_of_a_longer_time_is_cut_to_a_month(name: str, a_month: float) -> None:
    (found,) = table(("t", "", "12000", "6", "30"), head=("work", "segment", name, "minutes", "wage")).works
    assert found.a_month.parameters == (a_month,)


@pytest.mark.parametrize("written", ["2400 to 9600", "pert(1200, 2400, 9600)", "0.001 to 0.002"])
def test_a_range_of_a_year_keeps_its_shape(written: str) -> None:
    yearly = ("work", "segment", "volume a year", "minutes", "wage")
    (found,) = table(("t", "", written, "6", "30"), head=yearly).works
    assert mean(found.a_month) * 12 == pytest.approx(mean(amount(written)))


def test_a_volume_that_says_no_time_is_a_months_and_said_so() -> None:
    found = table(("t", "", "5", "6", "30"))
    assert any("volume is taken as units a month" in note for note in found.notes)
    said = table(("t", "", "5", "6", "30"), head=("work", "segment", "volume a month", "minutes", "wage"))
    assert not any("is taken as" in note for note in said.notes)


def test_a_volume_by_the_week_is_refused() -> None:
    with pytest.raises(PaybackError, match="counts by the day or week"):
        table(("t", "", "5", "6", "30"), head=("work", "segment", "weekly volume", "minutes", "wage"))


def test_the_head_may_stand_below_titles() -> None:
    rows = [["Work in 2026"], [], list(HEAD), ["t", "", "5", "6", "30"]]
    found = read([Sheet("w.xlsx", list(enumerate(rows, start=1)))], Reading({}))
    assert [work.name for work in found.works] == ["t"]
    assert [origin.row for origin in found.origins] == [4]


def test_a_map_names_a_column() -> None:
    head = ("Was", "Menge im Monat", "Dauer", "Satz")
    maps = {"work": "Was", "volume": "Menge im Monat", "minutes": "Dauer", "wage": "satz"}
    (found,) = table(("t", "5", "6", "30"), head=head, columns=maps).works
    assert found.minutes is not None
    assert found.minutes.parameters == (6.0,)


@pytest.mark.parametrize(
    ("maps", "says"),
    [
        ({"minuts": "x"}, "did you mean minutes"),
        ({"minutes": "minute"}, "did you mean minutes"),
        ({"zzz": "x"}, "it knows: work"),
        ({"wage": "qqqqqq"}, "it has: work, segment"),
    ],
)
def test_a_map_that_fits_nothing(maps: dict[str, str], says: str) -> None:
    with pytest.raises(PaybackError) as refused:
        table(("t", "", "5", "6", "30"), columns=maps)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (("thing", "segment", "volume", "minutes", "wage"), "no column gives work"),
        (("work", "segment", "how", "minutes", "wage"), "no column gives volume"),
        (("work", "segment", "volume", "how", "wage"), "no column gives minutes"),
        (("work", "segment", "volume", "minutes", "how"), "no column gives wage"),
    ],
)
def test_a_column_that_is_missing(head: Sequence[str], says: str) -> None:
    with pytest.raises(PaybackError, match=says) as refused:
        table(("t", "", "5", "6", "30"), head=head)
    assert refused.value.code == "missing-column"


def test_a_wage_for_rows_that_have_none() -> None:
    (found,) = table(("t", "5", "6"), head=("work", "volume", "minutes"), wage=known(25)).works
    assert found.wage == known(25)


def test_a_cost_of_a_unit_needs_no_minutes() -> None:
    (found,) = table(("t", "5", "3.20"), head=("work", "volume", "cost per unit")).works
    assert found.cost is not None
    assert found.cost.parameters == (3.2,)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("", "EU", "5", "6", "30"), "missing"),
        (("t", "", "", "6", "30"), "missing"),
        (("t", "", "5", "", "30"), "missing"),
        (("t", "", "5", "6", ""), "missing"),
        (("t", "", "0", "6", "30"), "number"),
        (("t", "", "-5", "6", "30"), "number"),
        (("t", "", "5", "0 to 9", "30"), "number"),
        (("t", "", "5", "9 to 6", "30"), "number"),
        (("t", "", "5", "6 EUR", "30"), "number"),
        (("t", "", "5", "1,5", "30"), "number"),
        (("t", "", "5", "pert(9, 5, 1)", "30"), "number"),
    ],
)
def test_a_row_that_cannot_count_is_left_out_and_told(row: Sequence[str], code: str) -> None:
    found = table(("good", "", "5", "6", "30"), row)
    assert [work.name for work in found.works] == ["good"]
    (problem,) = found.problems
    assert (problem.code, problem.origin and problem.origin.row) == (code, 3)


@pytest.mark.parametrize(
    ("name", "segment"),
    [("Total", ""), ("TOTAL:", ""), ("Grand total", ""), ("合计", ""), ("", "total"), ("Jumlah", "")],
)
def test_a_row_that_adds_up_others_is_not_counted(name: str, segment: str) -> None:
    found = table(("a", "", "5", "6", "30"), ("b", "", "5", "6", "30"), (name, segment, "10", "6", "30"))
    assert (len(found.works), found.totals, len(found.problems)) == (2, 1, 0)


def test_a_row_that_adds_up_the_segments_of_its_work_is_not_counted() -> None:
    found = table(
        ("a", "", "300", "6", "30"), ("a", "EU", "100", "6", "30"), ("a", "US", "200", "6", "30"),
        ("b", "", "300", "6", "30"),
    )  # fmt: skip
    assert [work.label for work in found.works] == ["a, EU", "a, US", "b"]
    assert found.totals == 1


def test_the_rest_beside_segments_is_no_total() -> None:
    found = table(("a", "", "40", "6", "30"), ("a", "EU", "100", "6", "30"))
    assert len(found.works) == 2


def test_a_row_that_is_there_again_counts_once() -> None:
    first = sheet(("a", "EU", "5", "6", "30"))
    again = sheet(("A", "eu", "5.0", "6", "30"), shown="copy.csv")
    found = read([first, again], Reading({}))
    assert (len(found.works), found.repeated) == (1, 1)


def test_the_same_work_with_other_figures_is_told() -> None:
    found = table(("a", "EU", "5", "6", "30"), ("a", "EU", "7", "6", "30"))
    assert len(found.works) == 1
    assert found.problems[0].code == "work-twice"


def test_two_currencies_do_not_add() -> None:
    head = (*HEAD, "currency")
    rows = (("a", "", "5", "6", "30", "EUR"), ("b", "", "5", "6", "30", "usd"))
    with pytest.raises(PaybackError, match="EUR and USD do not add"):
        table(*rows, head=head)
    found = table(*rows, head=head, currency="EUR")
    assert (len(found.works), found.problems[0].code, found.currency) == (1, "currency", "EUR")


def test_a_currency_in_a_columns_name() -> None:
    assert table(("a", "5", "6", "30"), head=("work", "volume", "minutes", "wage (EUR)")).currency == "EUR"


def test_a_sheet_that_is_no_table_of_work_is_said() -> None:
    other = Sheet("book.xlsx, Notes", [(1, ["who", "when"]), (2, ["me", "today"])])
    found = read([sheet(("a", "", "5", "6", "30")), other], Reading({}))
    assert any("book.xlsx, Notes is no table of work" in note for note in found.notes)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_tables, "MOST_ROWS", 3)
    with pytest.raises(PaybackError, match="more than 3 kinds of work"):
        table(*((f"t{number}", "", "5", "6", "30") for number in range(4)))


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1 234.5", None, 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("12,5", ",", 12.5),
        ("12.5", None, 12.5),
    ],
)
def test_how_a_number_is_written(text: str, decimal: str | None, value: float) -> None:
    assert amount(text, decimal).parameters == (value,)


@pytest.mark.parametrize("text", ["4 to 9", "4-9", "4 – 9", "4至9"])
def test_how_a_range_is_written(text: str) -> None:
    assert amount(text).parameters == amount("4 to 9").parameters
