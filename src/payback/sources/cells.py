"""One cell: from what a file holds to what the ledger keeps, as SQL. The rules: docs/formats/tables.md.

Every rule gives the value and the code of what is wrong, so that one scan finds both. A cell of text
is judged by its spelling, a typed cell of Parquet by its range alone: no trip through text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from payback.locale import say
from payback.project import Source
from payback.records import Money
from payback.tables import ENGINE_TYPE, Column, Kind

TEXT = "VARCHAR"
PERSON_KEY = "payback_person_key"
"""The engine variable that holds the key for hashing people; it never enters a query's text."""

MOST_TOKENS = 10**12  # in one call; more is a slip, and sums stay far from the end of the integers
MOST_NUMBER = 10**12 - 1  # what DECIMAL(18,6) holds
MOST_MONEY = 10**15  # a thousand million million: beyond it is a slip (payback.quantities)
FIRST_TIME, LAST_TIME = "2000-01-01", "2100-01-01"
FIRST_DAY, LAST_DAY = "1990-01-01", "2200-01-01"
HASH_LETTERS = 32  # 128 bits

_NUMBER = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?"
_WHOLE = r"[+]?[0-9]{1,18}([.]0*)?"
_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?( ?([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?))?"
_DATE = r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}"
_ZONE = r"[Zz+-]|UTC|GMT"
_EPOCH = r"[0-9]{9,16}([.][0-9]{1,9})?"

NOTHING = ("NULL", "null", "\\N")  # how databases write an empty cell
NO_NUMBER = (*NOTHING, "N/A", "n/a", "NA", "None")  # and how people do, where a number or time belongs
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")

_WHOLES = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip
_TIMES = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Cell:
    """How one ledger column is made, in three layers of SQL that each see the one before.

    `given` (from the file's columns) is null where the cell is empty; `parsed` (from {given}) is null
    where it cannot be read; `value`, `fault` and `note` see both. `fault` and `note` are codes or null.
    """

    column: Column
    given: str
    parsed: str
    value: str
    fault: str | None = None
    note: str | None = None


def quoted(text: str) -> str:
    """`text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """`text` as an SQL name."""
    return '"' + text.replace('"', '""') + '"'


def given(column: str) -> str:
    """The engine's name for a cell as it is given."""
    return name(f"given {column}")


def parsed(column: str) -> str:
    """The engine's name for a cell once it is read."""
    return name(f"parsed {column}")


def is_currency(column: Column) -> bool:
    """Whether the column holds three-letter codes of currencies."""
    return column.name.endswith("currency")


@dataclass(frozen=True, slots=True)
class Raw:
    """What the file has for a ledger column: SQL and the engine's type of it.

    `trimmed`: spaces around text are not part of it (files people type; Parquet is taken as it is).
    """

    column: Column
    sql: str
    engine_type: str
    source: Source
    trimmed: bool

    @property
    def is_text(self) -> bool:
        return self.engine_type == TEXT

    @property
    def is_float(self) -> bool:
        return self.engine_type in {"FLOAT", "DOUBLE"}

    @property
    def is_number(self) -> bool:
        return self.is_float or self.engine_type in _WHOLES or self.engine_type.startswith("DECIMAL")

    @property
    def is_nested(self) -> bool:
        return self.engine_type.endswith("]") or self.engine_type.startswith(
            ("STRUCT", "MAP", "UNION", "BLOB", "BIT")
        )

    @property
    def words(self) -> str:
        """Text without the spaces around it; null where it is empty or a word for nothing."""
        text = self.sql if self.is_text else f"cast({self.sql} as VARCHAR)"
        named = self.column.kind in {Kind.TEXT, Kind.HASHED}
        if named and not self.trimmed:
            return f"nullif({text}, '')"
        text = f"trim({text})"
        return f"case when not ({_one_of(text, ('', *(NOTHING if named else NO_NUMBER)))}) then {text} end"


def cell(raw: Raw) -> Cell | None:
    """The rule for a column filled so; None where what the file has cannot be meant."""
    made = _RULES[raw.column.kind](raw)
    if made is None or raw.column.name not in raw.source.zero_is_unknown:
        return made
    return replace(made, value=f"nullif({made.value}, {quoted('0') if raw.column.kind is Kind.TEXT else 0})")


def _one_of(text: str, words: Iterable[str]) -> str:
    """Comparisons; the engine would make a join of a long IN."""
    return " or ".join(f"{text} = {quoted(word)}" for word in words)


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {quoted(pattern)})"


def _text(raw: Raw) -> Cell | None:
    g = given(raw.column.name)
    if raw.column.name == "tags":
        return _tags(raw)
    if raw.is_nested:
        return None
    if raw.column.name == "error":
        if raw.engine_type == "BOOLEAN":
            return Cell(raw.column, raw.sql, "null", f"case when {g} then 'error' end")
        value = f"case when {_one_of(f'lower({g})', TRUE)} then 'error' when not ({_one_of(f'lower({g})', FALSE)}) then {g} end"
        return Cell(raw.column, raw.words, "null", value)
    words = raw.words
    if is_currency(raw.column):
        return Cell(
            raw.column,
            words,
            "null",
            f"upper({g})",
            f"case when not {_is(g, '[A-Za-z]{3}')} then 'currency' end",
        )
    if raw.column.choices:
        listed = ", ".join(quoted(choice) for choice in raw.column.choices)
        return Cell(
            raw.column,
            words,
            "null",
            f"lower({g})",
            f"case when not list_contains([{listed}], lower({g})) then 'choice' end",
        )
    return Cell(raw.column, words, "null", g)


def _tags(raw: Raw) -> Cell | None:
    if raw.engine_type.startswith(("STRUCT", "MAP")):
        return Cell(raw.column, f"cast(to_json({raw.sql}) as VARCHAR)", "null", given(raw.column.name))
    if raw.engine_type not in {TEXT, "JSON"}:
        return None
    words, g = raw.words, given(raw.column.name)
    fault = f"case when {g} is not null and case when json_valid({g}) then json_type({g}) <> 'OBJECT' else true end then 'tags' end"
    return Cell(raw.column, words, "null", g, fault)


def _hashed(raw: Raw) -> Cell | None:
    if raw.is_nested:
        return None
    g = given(raw.column.name)
    return Cell(raw.column, raw.words, "null", _hash(g))


def _hash(text: str) -> str:
    key = f"coalesce(getvariable('{PERSON_KEY}'), error('no key for hashing people'))"
    return f"left(sha256({key} || {text}), {HASH_LETTERS})"


def _digits(g: str, source: Source) -> str:
    """The cell with a decimal point, as Python and the engine write numbers."""
    if source.decimal == ".":
        return g
    return f"case when not contains({g}, '.') then replace({g}, ',', '.') end"


def _whole(raw: Raw) -> Cell | None:
    g, p = given(raw.column.name), parsed(raw.column.name)
    beyond = f"when {p} < 0 then 'negative' when {p} > {MOST_TOKENS} then 'too-large'"
    if raw.engine_type in _WHOLES:
        value = p if raw.engine_type == "BIGINT" else f"cast({p} as BIGINT)"
        if raw.engine_type in {"HUGEINT", "UBIGINT", "UHUGEINT"}:
            value = f"try_cast({p} as BIGINT)"
        return Cell(raw.column, raw.sql, g, value, f"case {beyond} end")
    if raw.is_number:
        finite = f"isfinite({g})" if raw.is_float else "true"
        read = f"case when {finite} and {g} = trunc({g}) then try_cast({g} as HUGEINT) end"
        fault = f"case when {g} is null then null when not {finite} then 'number' when {p} is null then case when {g} = trunc({g}) then 'too-large' else 'not-whole' end {beyond} end"
        return Cell(raw.column, raw.sql, read, f"try_cast({p} as BIGINT)", fault)
    if not raw.is_text:
        return None
    n = _digits(g, raw.source)
    fault = f"""case when {g} is null then null when {p} is not null then case {beyond} end
        when {_is(n, "-[0-9.]+")} then 'negative' when {_is(n, "[+]?[0-9]{19,}")} then 'too-large'
        when {_is(n, _NUMBER)} then 'not-whole' else 'number' end"""
    return Cell(
        raw.column,
        raw.words,
        f"case when {_is(n, _WHOLE)} then try_cast({n} as BIGINT) end",
        p,
        fault,
    )


def _decimal(raw: Raw) -> tuple[str, str] | None:
    """What is given and what is read of an exact number, with eight decimals."""
    g = given(raw.column.name)
    if raw.is_number and not raw.is_float:
        return raw.sql, f"try_cast({g} as DECIMAL(38,8))"
    if raw.is_float:
        return raw.sql, f"case when isfinite({g}) then try_cast({g} as DECIMAL(38,8)) end"
    if not raw.is_text:
        return None
    n = _digits(g, raw.source)
    return raw.words, f"case when {_is(n, _NUMBER)} then try_cast({n} as DECIMAL(38,8)) end"


def _unread(raw: Raw) -> str:
    """Why a number that is given was not read."""
    g = given(raw.column.name)
    if raw.is_text:
        return f"case when {_is(_digits(g, raw.source), _NUMBER)} then 'too-large' else 'number' end"
    return f"case when isfinite({g}) then 'too-large' else 'number' end" if raw.is_float else "'too-large'"


def _number(raw: Raw) -> Cell | None:
    made = _decimal(raw)
    if made is None:
        return None
    g, p = given(raw.column.name), parsed(raw.column.name)
    fault = f"""case when {g} is null then null when {p} is null then {_unread(raw)}
        when {p} < 0 then 'negative' when {p} > {MOST_NUMBER} then 'too-large' end"""
    return Cell(raw.column, *made, f"try_cast({p} as DECIMAL(18,6))", fault)


def _share(raw: Raw) -> Cell | None:
    g, p = given(raw.column.name), parsed(raw.column.name)
    if raw.engine_type == "BOOLEAN":
        return Cell(raw.column, raw.sql, "null", f"cast(cast({g} as INTEGER) as DECIMAL(9,6))")
    made = _decimal(raw)
    if made is None:
        return None
    words, read = made
    if raw.is_text:  # only `accepted` is a yes or no; but no other share is called yes
        read = f"case when {_one_of(f'lower({g})', TRUE)} then 1 when {_one_of(f'lower({g})', FALSE)} then 0 else {read} end"
    fault = f"""case when {g} is null then null when {p} is null then {_unread(raw)}
        when {p} < 0 or {p} > 1 then 'share' end"""
    return Cell(raw.column, words, read, f"try_cast({p} as DECIMAL(9,6))", fault)


def _money(raw: Raw) -> Cell | None:
    """Whole 10^-12, read from the digits and rounded once, half to even; never through a double.

    A DOUBLE of Parquet counts as its shortest decimal, which is what a person would see and type.
    """
    if not raw.is_text and not raw.is_number:
        return None
    g, p = given(raw.column.name), parsed(raw.column.name)
    n = _digits(g, raw.source) if raw.is_text else g
    shifted = f"""case when contains(lower({n}), 'e')
        then split_part(lower({n}), 'e', 1) || 'e' || (try_cast(split_part(lower({n}), 'e', 2) as INTEGER) + 12)
        else {n} || 'e12' end"""
    whole = f"cast({p} as DECIMAL(38,0))"
    value = f"""case when abs({p} - {whole}) = 0.5 and {whole} % 2 <> 0 then cast({whole} - sign({p}) as DECIMAL(38,0))
        else {whole} end"""
    fault = f"""case when {g} is null then null when {p} is null
        then case when {_is(n, _NUMBER)} then 'too-large' else 'number' end
        when abs({p}) > {MOST_MONEY * 10**12} then 'too-large' end"""
    words = raw.words
    return Cell(
        raw.column,
        words,
        f"case when {_is(n, _NUMBER)} then try_cast({shifted} as DECIMAL(38,8)) end",
        value,
        fault,
    )


def _utc(zoned: str) -> str:
    return f"make_timestamp(epoch_us({zoned}))"


def _from_local(local: str, zone: str) -> str:
    """The UTC time of a local one. In the hour that comes twice, the second; in the one that is skipped,
    as if the clock had not been put forward.
    """
    return local if zone == "UTC" else _utc(f"timezone({quoted(zone)}, {local})")


def _clock_note(local: str, utc: str, zone: str) -> str | None:
    """The code for a local time the clocks skip or show twice."""
    if not _has_summer_time(zone):
        return None

    def seen(at: str) -> str:
        return f"timezone({quoted(zone)}, timezone('UTC', {at}))"

    return f"""case when {local} is null then null when {seen(utc)} <> {local} then 'time-skipped'
        when {seen(f"{utc} - interval 1 hour")} = {local} or {seen(f"{utc} - interval 30 minute")} = {local}
        then 'time-twice' end"""


def _has_summer_time(zone: str) -> bool:
    """Whether the zone's clocks change at all between 2000 and 2100 (looked at twice a month)."""
    at = ZoneInfo(zone)
    seen = {
        datetime(year, month, day, tzinfo=at).utcoffset()
        for year in range(2000, 2100)
        for month in range(1, 13)
        for day in (1, 15)
    }
    return len(seen) > 1


def _time(raw: Raw) -> Cell | None:
    g, p = given(raw.column.name), parsed(raw.column.name)
    zone = raw.source.timezone
    beyond = f"when {p} < timestamp '{FIRST_TIME}' or {p} >= timestamp '{LAST_TIME}' then 'time-range'"
    if raw.engine_type == _ZONED:
        return Cell(raw.column, raw.sql, _utc(g), p, f"case {beyond} end")
    if raw.engine_type in _TIMES or raw.engine_type == "DATE":
        local = g if raw.engine_type == "TIMESTAMP" else f"try_cast({g} as TIMESTAMP)"
        if zone is None:
            return Cell(
                raw.column,
                raw.sql,
                "cast(null as TIMESTAMP)",
                p,
                f"case when {g} is not null then 'time-zone' end",
            )
        return Cell(
            raw.column,
            raw.sql,
            _from_local(local, zone),
            p,
            f"case {beyond} end",
            _clock_note(local, p, zone),
        )
    if not raw.is_text and not raw.is_number:
        return None
    iso = _is(g, f"{_DATE}({_CLOCK})?")
    zoned = f"regexp_matches(substr({g}, 11), {quoted(_ZONE)})"
    pointed = f"replace({g}, ',', '.')"
    spelled = f"replace(replace(replace(upper({pointed}), ' +', '+'), ' -', '-'), 'GMT', 'UTC')"
    number = f"cast({g} as DECIMAL(30,9))"
    first, last = (
        int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) for at in (FIRST_TIME, LAST_TIME)
    )
    epoch = " ".join(
        f"when {number} >= {first * scale} and {number} < {last * scale} then make_timestamp(cast({number} * {10**6 // scale} as BIGINT))"
        for scale in (1, 10**3, 10**6)
    )
    local = f"try_cast({pointed} as TIMESTAMP)"
    read = f"""case when {iso} then case when {zoned} then {_utc(f"try_cast({spelled} as TIMESTAMPTZ)")}
        else {_from_local(local, zone) if zone else "null"} end
        when {_is(g, _EPOCH)} then case {epoch} end end"""
    fault = f"""case when {g} is null then null when {p} is null then
        case when {iso} and not {zoned} and {local} is not null then 'time-zone' else 'time' end {beyond} end"""
    note = _clock_note(f"case when {iso} and not {zoned} then {local} end", p, zone) if zone else None
    return Cell(raw.column, raw.words, read, p, fault, note)


def _day(raw: Raw) -> Cell | None:
    g, p = given(raw.column.name), parsed(raw.column.name)
    beyond = f"when {p} < date '{FIRST_DAY}' or {p} >= date '{LAST_DAY}' then 'day-range'"
    if raw.engine_type == "DATE":
        return Cell(raw.column, raw.sql, g, p, f"case {beyond} end")
    if raw.engine_type in _TIMES:
        return Cell(raw.column, raw.sql, f"try_cast({g} as DATE)", p, f"case {beyond} end")
    if raw.engine_type == _ZONED:
        return Cell(raw.column, raw.sql, f"try_cast({_utc(g)} as DATE)", p, f"case {beyond} end")
    if not raw.is_text:
        return None
    read = f"case when {_is(g, f'{_DATE}({_CLOCK})?')} then try_cast(replace(left({g}, 10), '/', '-') as DATE) end"
    fault = f"case when {g} is null then null when {p} is null then 'day' {beyond} end"
    return Cell(raw.column, raw.words, read, p, fault)


_RULES: dict[Kind, Callable[[Raw], Cell | None]] = {
    Kind.TEXT: _text,
    Kind.HASHED: _hashed,
    Kind.TOKENS: _whole,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.SHARE: _share,
    Kind.MONEY: _money,
    Kind.TIME: _time,
    Kind.DAY: _day,
}


def literal(column: Column, value: str | Decimal | date, source: Source) -> str:
    """The SQL of a value written in payback.toml. Raises ValueError with what is accepted."""
    typed = f"cast({{}} as {ENGINE_TYPE[column.kind]})"
    match column.kind:
        case Kind.HASHED:
            return _hash(quoted(str(value)))
        case Kind.TEXT:
            return typed.format(quoted(_word(column, str(value))))
        case Kind.DAY:
            return typed.format(quoted(_date(value).isoformat()))
        case Kind.TIME:
            return typed.format(quoted(_moment(value, source).isoformat(sep=" ")))
        case _:
            return typed.format(_number_literal(column, value))


def _number_literal(column: Column, value: str | Decimal | date) -> str:
    number = _exact(value)
    if column.kind in {Kind.TOKENS, Kind.WHOLE} and number != number.to_integral_value():
        raise ValueError(say("write a whole number"))
    if column.kind is Kind.SHARE and not 0 <= number <= 1:
        raise ValueError(say("write a share from 0 to 1"))
    if column.kind is not Kind.MONEY and number < 0:
        raise ValueError(say("it cannot be below 0"))
    if abs(number) > (MOST_MONEY if column.kind is Kind.MONEY else MOST_NUMBER):
        raise ValueError(say("it is too large to be meant"))
    if column.kind is Kind.MONEY:
        return str(Money(number, "").pico)
    return quoted(format(number, "f"))


def _word(column: Column, text: str) -> str:
    if is_currency(column):
        if len(text) != 3 or not (text.isascii() and text.isalpha()):
            raise ValueError(say("write the three-letter code, such as EUR"))
        return text.upper()
    if column.choices and text.lower() not in column.choices:
        raise ValueError(say("it is one of {choices}", choices=", ".join(column.choices)))
    return text.lower() if column.choices else text


def _exact(value: str | Decimal | date) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(say("write a number, with a decimal point")) from None
    if not number.is_finite():
        raise ValueError(say("write a number, with a decimal point"))
    return number


def _date(value: str | Decimal | date) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(say("write the day as 2026-03-31")) from None


def _moment(value: str | Decimal | date, source: Source) -> datetime:
    """In UTC, without a zone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(say("write the time as 2026-03-31T14:00:00Z")) from None
    if moment.tzinfo is None:
        if source.timezone is None:
            raise ValueError(say("a time needs a zone: 2026-03-31T14:00:00Z"))
        moment = moment.replace(tzinfo=ZoneInfo(source.timezone))
    return moment.astimezone(UTC).replace(tzinfo=None)
