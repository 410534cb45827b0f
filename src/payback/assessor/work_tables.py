"""Tables of today's work, as cells of text, to kinds of work: which column is what, and which rows count."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from payback.locale import say, say_count
from payback.measures.ranges import Uncertain, quantile, uncertain
from payback.measures.returns.opportunities import Work
from payback.records import Origin, PaybackError, Problem
from payback.starter.columns import alike, currency_in

KEYS = ("work", "segment", "volume", "minutes", "wage", "cost", "currency")
NAMES: Mapping[str, str] = {
    "work": "work kind_of_work type_of_work work_type task_type kind process activity task 工作 工作类型 工作内容 业务 业务类型 "
    "流程 pekerjaan jenis_pekerjaan proses kegiatan",
    "segment": "segment team department region country customer_group 部门 地区 团队 客户类型 segmen departemen wilayah tim",
    "volume": "volume units count quantity cases tickets number 数量 业务量 件数 jumlah banyaknya volume_pekerjaan",
    "minutes": "minutes minutes_each handling_minutes handling_time_minutes average_minutes avg_minutes min 分钟 分钟数 每件分钟 "
    "单件分钟 menit menit_rata_rata",
    "wage": "wage hourly_wage hourly_rate hourly_cost cost_of_an_hour 时薪 小时工资 每小时工资 upah upah_jam upah_per_jam",
    "cost": "cost_per_unit unit_cost cost_each cost_of_a_unit 单位成本 单件成本 每件成本 biaya_satuan biaya_per_unit",
    "currency": "currency currency_code ccy 币种 货币 mata_uang",
}
"""What tables call each, the likeliest first; case, spaces and signs aside, and how often for a volume."""
_OFTEN = {
    12: ("year", "years", "yearly", "annual", "annually", "annum", "pa", "yr", "tahun", "tahunan"),
    3: ("quarter", "quarterly", "kuartal", "triwulan"),
    1: ("month", "months", "monthly", "mo", "bulan", "bulanan"),
}
_OFTEN_SIGNS = {12: "年", 3: "季", 1: "月"}
_TOO_SHORT = ("day", "daily", "week", "weekly", "hari", "minggu", "harian", "mingguan")
_BETWEEN = (
    "a",
    "per",
    "each",
    "every",
    "in",
    "of",
    "no",
    "number",
    "monthly",
    "setiap",
    "sebulan",
    "每",
    "的",
)
TOTALS = ("total", "totals", "sum", "subtotal", "grand total", "overall", "all", "合计", "总计", "小计", "总和", "jumlah", "total keseluruhan", "summe", "gesamt", "somme")  # fmt: skip
"""What a row calls itself that adds up others."""
LONGEST_HEAD = 30
"""Rows looked at for the one with the names of the columns; above it stand titles."""
MOST_ROWS = 20_000
NEAR = 0.5
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))")
_DASH = re.compile(r"^\s*([\d.,]+)\s*(?:-|–|—|~|至|到|bis|sampai|s/d)\s*([\d.,]+)\s*$")

Cells = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it lies in a file: rows with their number there, cells as text."""

    shown: str
    rows: Cells


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read: columns named by the user, the sign before decimals, what holds for rows without."""

    columns: Mapping[str, str]
    decimal: str | None = None
    wage: Uncertain | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what: key = its place and name. `times` is how many months its volume covers."""

    row: int
    places: Mapping[str, int]
    names: Mapping[str, str]
    times: int
    said: bool  # whether the volume's column says of what time it is


@dataclass(frozen=True, slots=True)
class WorkTable:
    """What was read: kinds of work, what was left out and why, and how columns were taken."""

    works: tuple[Work, ...]
    origins: tuple[Origin, ...]
    problems: tuple[Problem, ...]
    totals: int
    repeated: int
    rows: int
    currency: str
    notes: tuple[str, ...]


def read(sheets: Sequence[Sheet], reading: Reading) -> WorkTable:
    """Kinds of work from all tables together. Raises PaybackError where no table has the columns."""
    _check_keys(reading.columns)
    by_sheet = [(sheet, columns(sheet, reading)) for sheet in sheets]
    for key, asked in reading.columns.items():
        headers = [_header(sheet, found) for sheet, found in by_sheet]
        if not any(sum(alike(name) == alike(asked) for name in header) == 1 for header in headers):
            raise _no_such_column(by_sheet[0][0].shown, key, asked, headers[0])
    used = [(sheet, found) for sheet, found in by_sheet if isinstance(found, Columns)]
    if not used:
        raise next(found for _, found in by_sheet if isinstance(found, PaybackError))
    currency = _currency(used, reading)
    problems: list[Problem] = []
    read_rows: list[tuple[Work, Origin]] = []
    totals = 0
    rows = 0
    for sheet, found in used:
        for number, cells in sheet.rows:
            if number <= found.row or not any(cell.strip() for cell in cells):
                continue
            rows += 1
            if rows > MOST_ROWS:
                raise PaybackError(
                    "too-many-rows",
                    say("more than {most} kinds of work", most=f"{MOST_ROWS:,}"),
                    where=sheet.shown,
                    fix=say("add up alike work first: a row is a kind of work, not a single piece"),
                )
            cell = _cells(cells, found)
            if _is_total(cell):
                totals += 1
                continue
            made = _work(cell, found, reading, Origin(sheet.shown, number))
            if isinstance(made, Problem):
                problems.append(made)
            else:
                read_rows.append((made, Origin(sheet.shown, number)))
    once, repeated, unlike = _once(read_rows)
    kept, sums = _without_sums(once)
    return WorkTable(
        tuple(work for work, _ in kept),
        tuple(origin for _, origin in kept),
        (*problems, *unlike),
        totals + sums,
        repeated,
        rows,
        currency,
        tuple(_notes(used, by_sheet)),
    )


def columns(sheet: Sheet, reading: Reading) -> Columns | PaybackError:
    """Which column is what, from the row that names most; or what is missing."""
    best: Columns | PaybackError | None = None
    most = -1
    for number, cells in sheet.rows[:LONGEST_HEAD]:
        names = [cell.strip() for cell in cells]
        if sum(map(bool, names)) < 2:
            continue
        found = _placed(names, reading.columns)
        if len(found) > most:
            most, best = len(found), _complete(sheet, number, names, found, reading)
    if best is None:
        return _missing(sheet.shown, "work", [])
    return best


def _header(sheet: Sheet, found: Columns | PaybackError) -> list[str]:
    """The names of the columns; where the row that has them is not known, that with most names."""
    rows = {
        number: [cell.strip() for cell in cells if cell.strip()]
        for number, cells in sheet.rows[:LONGEST_HEAD]
    }
    if isinstance(found, Columns):
        return rows[found.row]
    return max(rows.values(), key=len, default=[])


def _complete(
    sheet: Sheet, row: int, names: Sequence[str], found: Mapping[str, int], reading: Reading
) -> Columns | PaybackError:
    header = [name for name in names if name]
    for key in ("work", "volume"):
        if key not in found:
            return _missing(sheet.shown, key, header)
    if "cost" not in found:
        for key in ("minutes", "wage"):
            if key not in found and not (key == "wage" and reading.wage is not None):
                return _missing(sheet.shown, key, header)
    times = _months(names[found["volume"]])
    if times is None:
        return PaybackError(
            "column-type",
            say("{name} counts by the day or week", name=repr(names[found["volume"]])),
            where=sheet.shown,
            fix=say("write units a month, a quarter or a year, and say which in the column's name"),
        )
    return Columns(row, found, {key: names[place] for key, place in found.items()}, times[0], times[1])


def _placed(names: Sequence[str], asked: Mapping[str, str]) -> dict[str, int]:
    """Places of the columns, those the user named first; no column twice."""
    found: dict[str, int] = {}
    for key, name in asked.items():
        exact = [place for place, each in enumerate(names) if each == name.strip()]
        near = exact or [place for place, each in enumerate(names) if each and alike(each) == alike(name)]
        if len(near) == 1:
            found[key] = near[0]
    plain = [alike(name) for name in names]
    bare = [_bare(name) for name in names]
    for key in KEYS:
        if key in found:
            continue  # as the user said; a table without that column may have one of a usual name
        for name in NAMES[key].split():
            held = [
                place
                for place in range(len(names))
                if place not in found.values()
                and (
                    plain[place] == alike(name)
                    or (key in {"volume", "minutes"} and bare[place] == alike(name))
                )
            ]
            if len(held) == 1:
                found[key] = held[0]
                break
    return found


def _bare(name: str) -> str:
    """A column's name without the words that say how often, or of what one."""
    often = {word for words in _OFTEN.values() for word in words} | {*_BETWEEN, *_TOO_SHORT, "unit", "avg"}
    words = [word for word in _words(name) if word not in often]
    return alike("".join(words).translate(str.maketrans("", "", "".join(_OFTEN_SIGNS.values()) + "每的")))


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.casefold())


def _months(name: str) -> tuple[int, bool] | None:
    """How many months a volume of this name covers and whether it says so; None for days and weeks."""
    words = _words(name)
    if any(word in _TOO_SHORT for word in words) or any(sign in name for sign in "日天周"):
        return None
    for months, said in _OFTEN.items():
        if any(word in said for word in words) or _OFTEN_SIGNS[months] in name:
            return months, True
    return 1, False


def _cells(cells: Sequence[str], found: Columns) -> dict[str, str]:
    return {key: cells[place].strip() if place < len(cells) else "" for key, place in found.places.items()}


def _is_total(cell: Mapping[str, str]) -> bool:
    """Whether a row adds up others: it calls itself so, or names no work but a total of its segments."""
    name, segment = (cell.get(key, "").casefold().strip(" :*") for key in ("work", "segment"))
    return (
        name in TOTALS
        or name.startswith(("total ", "subtotal", "grand total"))
        or (not name and segment in TOTALS)
    )


def _work(cell: Mapping[str, str], found: Columns, reading: Reading, origin: Origin) -> Work | Problem:
    """One kind of work, or what keeps the row out."""
    if not cell["work"]:
        return _left_out(origin, found, "work", "missing", say("no name of the work"), say("name it"))
    if cell.get("currency") and reading.currency and cell["currency"].upper() != reading.currency:
        return _left_out(
            origin,
            found,
            "currency",
            "currency",
            say("{currency} is not {wanted}", currency=cell["currency"], wanted=reading.currency),
            say("ask for one currency at a time with --currency"),
        )
    values: dict[str, Uncertain | None] = {}
    for key in ("volume", "minutes", "wage", "cost"):
        text = cell.get(key, "")
        if not text:
            values[key] = None
            continue
        try:
            values[key] = amount(text, reading.decimal, above_zero=True)
        except ValueError as error:
            return _left_out(
                origin,
                found,
                key,
                "number",
                str(error),
                say('write 12.5, "10 to 15" or pert(2, 5, 14), above 0'),
            )
    wage = values["wage"] or reading.wage
    if values["volume"] is None:
        return _left_out(
            origin, found, "volume", "missing", say("no volume"), say("write how many units a month")
        )
    if values["cost"] is None and (values["minutes"] is None or wage is None):
        key = "minutes" if values["minutes"] is None else "wage"
        return _left_out(
            origin,
            found,
            key,
            "missing",
            say("no minutes and no cost of a unit")
            if key == "minutes"
            else say("no wage and no cost of a unit"),
            say("write the minutes a unit takes and what an hour costs, or the cost of a unit"),
        )
    return Work(
        cell["work"],
        cell.get("segment", ""),
        _a_month(values["volume"], found.times),
        values["minutes"],
        wage,
        values["cost"],
    )


def _a_month(volume: Uncertain, months: int) -> Uncertain:
    """Units a month from those of a quarter or a year: the same shape, so many times smaller."""
    if months == 1:
        return volume
    match volume.shape.value, volume.parameters:
        case "number", (value,):
            parameters: tuple[float, ...] = (value / months,)
        case "lognormal", (middle, spread):
            parameters = (middle - float(Decimal(months).ln()), spread)
        case _, (a, b, least, most):
            parameters = (a, b, least / months, most / months)
        case _, these:
            parameters = tuple(each / months for each in these)
    return replace(volume, parameters=parameters)


def amount(text: str, decimal: str | None = None, *, above_zero: bool = False) -> Uncertain:
    """A number or a range as a cell has it. Raises ValueError with what is accepted."""
    plain = _DASH.sub(r"\1 to \2", text.strip())
    found = uncertain(_pointed(plain, decimal))
    if above_zero and (found.parameters[0] <= 0 if found.is_known else quantile(found, 0.0005) < 0):
        raise ValueError(say("{text} is not above 0", text=repr(text)))
    if above_zero and not found.is_known and quantile(found, 0.05) <= 0:
        raise ValueError(say("{text} is not above 0", text=repr(text)))
    return found


def _pointed(text: str, decimal: str | None) -> str:
    """With a decimal point and no sign between thousands. Raises ValueError where a comma may mean either."""
    text = _THOUSANDS.sub("", text)
    if text.startswith(("pert", "beta")):
        return text
    if decimal == ",":
        return text.replace(".", "").replace(",", ".")
    if "," in text:
        if decimal is None:
            raise ValueError(
                say("{text}: a comma may be thousands or decimals; say which with --decimal", text=repr(text))
            )
        return text.replace(",", "")
    return text


def _once(rows: Sequence[tuple[Work, Origin]]) -> tuple[list[tuple[Work, Origin]], int, list[Problem]]:
    """Each kind of work once: a row that is there again is not counted; one with other figures is left out."""
    first: dict[tuple[str, str], tuple[Work, Origin]] = {}
    repeated = 0
    unlike: list[Problem] = []
    for work, origin in rows:
        key = (alike(work.name), alike(work.segment))
        if key not in first:
            first[key] = (work, origin)
        elif _same(first[key][0], work):
            repeated += 1
        else:
            unlike.append(
                Problem(
                    "work-twice",
                    say(
                        "{work} stands in {origin} too, with other figures",
                        work=work.label,
                        origin=first[key][1],
                    ),
                    say("keep one, or give each a segment of its own"),
                    origin,
                )
            )
    return list(first.values()), repeated, unlike


def _same(one: Work, other: Work) -> bool:
    return all(
        (a is None) == (b is None) and (a is None or b is None or a.parameters == b.parameters)
        for a, b in (
            (one.a_month, other.a_month),
            (one.minutes, other.minutes),
            (one.wage, other.wage),
            (one.cost, other.cost),
        )
    )


def _without_sums(rows: Sequence[tuple[Work, Origin]]) -> tuple[list[tuple[Work, Origin]], int]:
    """Without rows that add up the segments of their work: no segment (or "all"), and as many units."""
    volumes: defaultdict[str, float] = defaultdict(float)
    for work, _ in rows:
        if not _no_segment(work):
            volumes[alike(work.name)] += quantile(work.a_month, 0.5)
    kept = [
        (work, origin)
        for work, origin in rows
        if not (
            _no_segment(work)
            and volumes[alike(work.name)] > 0
            and abs(quantile(work.a_month, 0.5) / volumes[alike(work.name)] - 1) <= 0.01
        )
    ]
    return kept, len(rows) - len(kept)


def _no_segment(work: Work) -> bool:
    return not work.segment or work.segment.casefold() in TOTALS


def _currency(used: Sequence[tuple[Sheet, Columns]], reading: Reading) -> str:
    """The one currency of all tables, "" where none is named. Raises PaybackError where there are several."""
    if reading.currency:
        return reading.currency
    seen = dict.fromkeys(
        cells[found.places["currency"]].strip().upper()
        for sheet, found in used
        if "currency" in found.places
        for number, cells in sheet.rows
        if number > found.row
        and len(cells) > found.places["currency"]
        and cells[found.places["currency"]].strip()
    )
    for _, found in used:
        money = [name for key, name in found.names.items() if key in {"wage", "cost"}]
        if (named := currency_in(money)) is not None:
            seen.setdefault(named)
    if len(seen) > 1:
        one, other, *_ = seen
        raise PaybackError(
            "two-currencies",
            say("{a} and {b} do not add", a=one, b=other),
            where=used[0][0].shown,
            fix=say("ask for one currency at a time with --currency"),
        )
    return next(iter(seen), "")


def _notes(
    used: Sequence[tuple[Sheet, Columns]], every: Sequence[tuple[Sheet, Columns | PaybackError]]
) -> Sequence[str]:
    found = []
    for sheet, columns_ in used:
        taken = ", ".join(f"{key} = {name}" for key, name in columns_.names.items())
        found.append(say("{file}: {taken}", file=sheet.shown, taken=taken))
        if not columns_.said:
            found.append(
                say(
                    "{file}: {name} is taken as units a month; where it is another time, say so in its name",
                    file=sheet.shown,
                    name=columns_.names["volume"],
                )
            )
    for sheet, reason in every:
        if isinstance(reason, PaybackError):
            found.append(say("{file} is no table of work: {reason}", file=sheet.shown, reason=reason.message))
    return found


def _check_keys(asked: Mapping[str, str]) -> None:
    for key in asked:
        if key not in KEYS:
            like = difflib.get_close_matches(key, KEYS, n=1, cutoff=NEAR)
            raise PaybackError(
                "unknown-key",
                say("there is no {key}", key=repr(key)),
                where="--map",
                fix=say("did you mean {near}?", near=like[0])
                if like
                else say("it knows: {names}", names=", ".join(KEYS)),
            )


def _no_such_column(shown: str, key: str, asked: str, header: Sequence[str]) -> PaybackError:
    twice = sum(1 for name in header if alike(name) == alike(asked)) > 1
    if twice:
        return PaybackError(
            "duplicate-column",
            say("the header has the column {name} {count} times", name=repr(asked), count=2),
            where=shown,
            fix=say("rename one of them"),
        )
    lower = {name.casefold(): name for name in header}
    like = difflib.get_close_matches(asked.casefold(), lower, n=3, cutoff=NEAR)
    return PaybackError(
        "unknown-column",
        say(
            "{key} is to come from the column {name}, which the file does not have", key=key, name=repr(asked)
        ),
        where=shown,
        fix=say("did you mean {near}?", near=say(" or ").join(lower[each] for each in like))
        if like
        else _has(header),
    )


def _missing(shown: str, key: str, header: Sequence[str]) -> PaybackError:
    meaning: Callable[[], str] = {
        "work": lambda: say("what the work is"),
        "volume": lambda: say("how many units a month"),
        "minutes": lambda: say("minutes a unit takes; a column with the cost of a unit does too"),
        "wage": lambda: say("what an hour costs; --wage does too"),
    }[key]
    lower = {name.casefold(): name for name in header}
    like = difflib.get_close_matches(key, lower, n=1, cutoff=NEAR)
    example = lower[like[0]] if like else say("its column")
    return PaybackError(
        "missing-column",
        say("no column gives {key}: {meaning}", key=key, meaning=meaning()),
        where=shown,
        fix=say("write --map {key}={example}; ", key=key, example=repr(example)) + _has(header),
    )


def _has(header: Sequence[str]) -> str:
    shown = list(header)[:20]
    more = say(" and {count} more", count=len(header) - len(shown)) if len(header) > len(shown) else ""
    return say("it has: {names}", names=", ".join(shown)) + more


def _left_out(origin: Origin, found: Columns, key: str, code: str, what: str, fix: str) -> Problem:
    return Problem(code, what, fix, replace(origin, column=found.names.get(key, key)))


def counted(rows: int) -> str:
    """So many rows, in words."""
    return say_count("{rows} row", "{rows} rows", rows, rows=f"{rows:,}")
