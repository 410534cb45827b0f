"""Figure -> the words and digits a page shows, and what opens behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from payback import numbers
from payback.locale import say
from payback.numbers import Scale
from payback.records import Evidence, Figure, Input, Interval, Origin, Unknown
from payback.report.page import Band, Cell, Explanation, FigureRow, InputLine, Tone

USUAL = Decimal("0.95")
"""The level of a range that headings name; a range of another level says its own."""


@dataclass(frozen=True, slots=True)
class Sense:
    """The words for a value above and below zero: dearer and cheaper."""

    more: str
    less: str


@dataclass(frozen=True, slots=True)
class Written:
    """A figure in words: the number, its unit, its range."""

    value: str
    unit: str
    range: str
    word: str = ""  # dearer, cheaper, more, fewer: a difference is never told by its sign
    level: str = ""  # how sure the range is, where that is not the 95 of 100 its heading names

    @property
    def both(self) -> str:
        """1.43 cheaper."""
        return f"{self.value} {self.word}".strip()

    @property
    def ranged(self) -> str:
        """The range, with its level where its heading would name another."""
        return f"{self.range}, {self.level}" if self.range and self.level else self.range


def dearer_or_cheaper() -> Sense:
    """Words for a difference of costs."""
    return Sense(say("dearer"), say("cheaper"))


def more_or_fewer() -> Sense:
    """Words for a difference of counts or shares."""
    return Sense(say("more"), say("fewer"))


def written(
    figure: Figure,
    scale: Scale | None = None,
    decimals: int | None = None,
    sense: Sense | None = None,
) -> Written:
    """The figure's number in `scale` with its column's `decimals`, its unit and its range."""
    values = _in_unit(figure, scale)
    places = decimals if decimals is not None else _places(figure, values)
    value, ends = values[0] or Decimal(0), (values[1], values[2])
    ranged = figure.interval is not None
    unit = unit_of(figure, scale)
    level = level_of(figure.interval)
    if sense or value < 0 or any(end is not None and end < 0 for end in ends):
        words = sense or Sense(say("more"), say("less"))
        range_ = _signed_spread(*ends, places, words) if ranged else ""
        if value == 0:
            return Written(say("no difference"), "", range_)
        word = words.more if value > 0 else words.less
        return Written(numbers.number(abs(value), places), unit, range_, word, level)
    range_ = numbers.spread(*ends, places) if ranged else ""
    text = numbers.number(value, places)
    if figure.only_a_least:
        text = say("{low} or more", low=text)
    return Written(text, unit, range_, level=level)


def level_of(interval: Interval | None) -> str:
    """`90 % sure`, for a range that is not the one of 95 of 100; nothing for that one."""
    if interval is None or interval.level == USUAL:
        return ""
    if interval.level is None:
        return say("least and most")
    return say("{level} sure", level=numbers.percent(interval.level))


def unit_of(figure: Figure, scale: Scale | None = None) -> str:
    """`million EUR`, `EUR per ticket closed`, `of 100`, `hours`."""
    if figure.currency is not None:
        unit = (scale or _own_scale(figure)).unit
        return say("{unit} per {per}", unit=unit, per=figure.per) if figure.per else unit
    return {
        "share": say("of 100"),
        "hours": say("hours"),
        "months": say("months"),
        "minutes": say("minutes"),
        "days": say("days"),
        "ratio": say("for every 1 out") if figure.formula == "payback-ratio" else "",
        "count": figure.counted,
    }.get(figure.unit, figure.unit)


def places_for(found: Iterable[Figure | Unknown], scale: Scale | None = None) -> int:
    """One number of decimals for a column of figures of the same unit."""
    figures = [figure for figure in found if isinstance(figure, Figure)]
    if any(figure.unit == "share" and figure.currency is None for figure in figures):
        return max((_places(figure, _in_unit(figure, scale)) for figure in figures), default=0)
    return numbers.decimals_for(_in_unit(figure, scale)[0] for figure in figures)


def cell(
    found: Figure | Unknown,
    scale: Scale | None = None,
    decimals: int | None = None,
    *,
    opens: str = "",
    zero: str = "",
    sense: Sense | None = None,
) -> Cell:
    """A table's cell; `zero` is the word for none at all. What is not known is said, never 0."""
    if isinstance(found, Unknown):
        return Cell(say("not known"), Tone.SOFT, opens=opens)
    if found.value == 0 and zero:
        return Cell(zero, opens=opens)
    text = written(found, scale, decimals, sense)
    return Cell(text.both, evidence=found.evidence, more=text.ranged, opens=opens)


def bands(figure: Figure, scale: Scale | None = None) -> tuple[Band, ...]:
    """The ranges of a figure, widest first, in the unit of its chart."""
    interval = figure.interval
    if interval is None or interval.low is None:
        return ()
    power = scale.power if scale else 0
    widest = Band(
        interval.level or Decimal(1),
        interval.low.scaleb(-power),
        None if interval.high is None else interval.high.scaleb(-power),
    )
    inner = (Band(level, low.scaleb(-power), high.scaleb(-power)) for level, low, high in interval.bands)
    others = {band.level: band for band in inner if band.level != widest.level}
    return (widest, *(others[level] for level in sorted(others, reverse=True)))


def figure_row(
    key: str,
    label: str,
    found: Figure | Unknown,
    scale: Scale | None = None,
    sense: Sense | None = None,
) -> FigureRow:
    """The line of `How each figure is known`, with what opens behind it."""
    if isinstance(found, Unknown):
        return FigureRow(key, label, say("not known"), "", "", None, "", unknown=found.reason, fix=found.fix)
    text = written(found, scale, None, sense)
    return FigureRow(
        key,
        label,
        text.value,
        f"{text.unit} {text.word}".strip(),
        text.range,
        found.evidence,
        _short_origin(found),
        explanation(found),
    )


def explanation(figure: Figure) -> Explanation:
    """Everything that stands behind a figure, in words."""
    interval = figure.interval
    return Explanation(
        formula=figure.formula,
        in_full=numbers.in_full(figure),
        counted=f"{numbers.count(figure.count)} {figure.counted}".strip() if figure.count is not None else "",
        range_method=interval.method if interval else "",
        range_sentence=_sentence(interval),
        bounds=_limits(figure),
        inputs=tuple(_input(one) for one in figure.inputs),
        origins=tuple(_origin(one) for one in figure.origins),
        omissions=figure.omissions,
        notes=figure.notes,
    )


def _own_scale(figure: Figure) -> Scale:
    currency = figure.currency or ""
    return Scale(currency) if figure.per else Scale.of([figure.value], currency)


def _in_unit(
    figure: Figure, scale: Scale | None, interval: Interval | None = None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Value, low and high in the unit shown: scaled money, or parts of 100."""
    interval = interval or figure.interval
    raw = (figure.value, interval.low if interval else None, interval.high if interval else None)
    if figure.currency is not None:
        power = (scale or _own_scale(figure)).power
        return _map(raw, lambda value: value.scaleb(-power))
    if figure.unit == "share":
        return _map(raw, lambda value: value * 100)
    return raw


def _map(
    values: tuple[Decimal | None, Decimal | None, Decimal | None], change: Callable[[Decimal], Decimal]
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    value, low, high = (None if one is None else change(one) for one in values)
    return value, low, high


def _places(figure: Figure, values: tuple[Decimal | None, ...]) -> int:
    value = values[0] or Decimal(0)
    if figure.currency is None and figure.unit in {"count", "hours"} and abs(value) >= 10:
        return 0
    if figure.currency is None and figure.unit == "share":
        return 1 if value < 10 or (figure.count or 0) >= 200 else 0
    return numbers.decimals_of(value)


def _signed(value: Decimal, places: int, words: Sense) -> str:
    return numbers.more_or_less(value, numbers.number(abs(value), places), words.more, words.less)


def _signed_spread(low: Decimal | None, high: Decimal | None, places: int, words: Sense) -> str:
    """`0.20 to 3.10 cheaper`, or `3.10 cheaper to 0.20 dearer` where the range holds zero."""
    if low is not None and high is not None and high <= 0:
        return f"{numbers.spread(-high, -low, places)} {words.less}"
    if low is not None and low >= 0:
        return f"{numbers.spread(low, high, places)} {words.more}"
    if low is None or high is None:
        return say("no limit on one side")
    return say("{low} to {high}", low=_signed(low, places, words), high=_signed(high, places, words))


def _sentence(interval: Interval | None) -> str:
    if interval is None:
        return ""
    if interval.sentence:
        return f"{interval.sentence[:1].upper()}{interval.sentence[1:].rstrip('.')}."
    if interval.level is None:
        return say("The least and the most it can be.")
    return say(
        "A range made this way holds the true figure in {parts}.", parts=numbers.of_hundred(interval.level)
    )


def _limits(figure: Figure) -> str:
    if figure.bounds is None:
        return ""
    values = _in_unit(figure, None, figure.bounds)
    places = _places(figure, values)
    text = numbers.spread(values[1], values[2], places)
    sentence = say("Given what is missing: {limits} {unit}.", limits=text, unit=unit_of(figure)).replace(
        " .", "."
    )
    return f"{sentence} {figure.bounds.sentence}".strip()


def _input(one: Input) -> InputLine:
    return InputLine(one.name, one.value, one.evidence, "" if one.origin is None else _origin(one.origin))


def _origin(one: Origin) -> str:
    parts = [str(one)]
    if one.column:
        parts.append(say("column {name}", name=one.column))
    if one.rows is not None:
        parts.append(say("{rows} rows", rows=numbers.count(one.rows)))
    if one.note:
        parts.append(one.note)
    return ", ".join(part for part in parts if part)


def _short_origin(figure: Figure) -> str:
    if not figure.origins:
        return ""
    one = figure.origins[0]
    first = _origin(one if one.rows is None else replace(one, column=None, note=""))
    rest = len(figure.origins) - 1
    return say("{first} and {rest} more", first=first, rest=rest) if rest else first


def weakest(parts: Iterable[tuple[Evidence, Decimal]]) -> Evidence | None:
    """The mark a total wears: that of its weakest part that is not nothing."""
    return min((evidence for evidence, amount in parts if amount != 0), default=None)
