"""payback.toml -> Project. The only home of pydantic; its JSON Schema is `payback schema`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from payback import toml_places
from payback.locale import say
from payback.quantities import Quantity, quantity
from payback.records import PaybackError, Period
from payback.tables import TABLES, TOKEN_COLUMNS

FILE_NAME = "payback.toml"
RESERVED_TODAY = "today"
TABLE_FORMATS = ("csv", "parquet", "jsonl")
"""Formats of tables, whose columns the user maps; any other is of logs, and fills tables by itself."""
ONLY_TABLES = (
    "columns", "ignore", "timezone", "decimal", "delimiter", "encoding", "zero_is_unknown", "input_includes",
)  # fmt: skip
"""Keys of a source that say how a table is read: a log says it itself."""
LOGGED = ("usage", "bill_line", "outcome")
"""The tables that logs may fill."""

_Quantity = Annotated[
    Quantity,
    BeforeValidator(quantity),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number"}, {"type": "string", "examples": ["10 to 15"]}],
            "description": 'a number, or a range somebody is 90 % sure of, such as "10 to 15"',
        }
    ),
]
_Amount = Annotated[
    Decimal,
    Field(ge=0, le=Decimal("1e15")),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
_Share = Annotated[
    Decimal,
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise ValueError(say("write the three-letter code, such as EUR"))
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            say("no such time zone: write one such as Europe/Berlin, Asia/Jakarta or UTC")
        ) from None
    return name


_Currency = Annotated[str, AfterValidator(_currency)]
_Zone = Annotated[str, AfterValidator(_zone)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class PeriodRange(_Part):
    """Days looked at: `from` is included, `to` is not."""

    first_day: date = Field(alias="from")
    first_day_after: date = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> PeriodRange:
        if self.first_day >= self.first_day_after:
            raise ValueError(say("`from` must come before `to`"))
        return self


class Source(_Part):
    """One file, or a pattern of files, that fills one table of the ledger; logs fill those they hold."""

    table: Literal[
        "",
        "usage",
        "capacity",
        "bill_line",
        "cost",
        "outcome",
        "segment",
        "value",
        "forecast",
    ] = Field("", description="needed, but for logs, which fill usage, bill_line or outcome by themselves")
    path: str = Field(description="relative to payback.toml; may hold * and ** and begin with ~")
    format: str | None = Field(
        None,
        description="csv, parquet, jsonl, or of logs: claude-code, codex, ...; else by the file's ending",
        examples=[*TABLE_FORMATS, "claude-code"],
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="ledger column = the file's column, or text with {columns} in it",
    )
    constants: dict[str, str | int | Decimal | date] = Field(
        default_factory=dict, description="ledger column = one value for every row"
    )
    defaults: dict[str, str | int | Decimal | date] = Field(
        default_factory=dict,
        description="ledger column = value where the cell is empty",
    )
    ignore: tuple[str, ...] = Field((), description="columns of the file known not to be needed")
    timezone: _Zone | None = Field(None, description="zone of times that carry none")
    decimal: Literal[".", ","] = "."
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="else found out")
    encoding: str | None = Field(None, description="else found out")
    zero_is_unknown: tuple[str, ...] = Field((), description="ledger columns where 0 means not known")
    input_includes: tuple[Literal["cached", "cache_writes"], ...] = Field(
        (), description="what the file's input_tokens already include"
    )
    title: str = Field("", description="what the file is, for the page")
    by: str = Field("", description="who made it")
    licence: str = ""
    link: str = Field("", description="where it comes from; shown, never opened")
    check: str | None = Field(
        None, description="of logs whose outcomes were checked for several things: the one that decides"
    )

    @property
    def of_logs(self) -> bool:
        """Whether its format is one of logs."""
        return self.format is not None and self.format not in TABLE_FORMATS

    @model_validator(mode="after")
    def _whole(self) -> Source:
        if not self.of_logs:
            if not self.table:
                raise ValueError(
                    say('add table = "usage", "outcome", "cost" or another; or the format of a log')
                )
            if self.check is not None:
                raise ValueError(say("`check` is for logs; of a table, map the column that decides"))
        elif given := [key for key in ONLY_TABLES if key in self.model_fields_set]:
            raise ValueError(
                say(
                    "`{key}` is for tables (csv, parquet, jsonl); logs of {format} are read as they are",
                    key=given[0],
                    format=self.format,
                )
            )
        return self

    @model_validator(mode="after")
    def _known_columns(self) -> Source:
        if self.table:
            names = TABLES[self.table].names
        else:
            names = tuple(name for table in LOGGED for name in TABLES[table].names)
        for key in (
            *self.columns,
            *self.constants,
            *self.defaults,
            *self.zero_is_unknown,
        ):
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
                hint = say("; did you mean {near}?", near=near[0]) if near else ""
                raise ValueError(
                    say("{table} has no column {key}", table=self.table or say("a log"), key=key)
                    + hint
                    + say(" It has: {names}", names=", ".join(names))
                )
        return self


class TodayService(_Part):
    """How well today's way serves, as its owner says: what the AI's way is shown beside."""

    p95_minutes: _Quantity | None = Field(None, description="95 of 100 results are there within")
    error_share: _Quantity | None = Field(None, description="share of attempts that fail, 0 to 1")
    available_share: _Quantity | None = Field(None, description="share of days it is there, 0 to 1")
    by: str = ""
    on: date | None = None
    source: str = ""

    @model_validator(mode="after")
    def _shares(self) -> TodayService:
        for name in ("error_share", "available_share"):
            given = getattr(self, name)
            if given is not None and (given.low < 0 or given.high > 1):
                raise ValueError(say("`{name}` is a share, 0 to 1", name=name))
        return self


class Today(_Part):
    """How the same work is done today: a way of working with rows, or a declared range.

    Either `cost` per unit, or `minutes` per unit with `wage_per_hour`. With neither, the rows of
    `arm` are today's way, and `wage_per_hour` is for their minutes. `nothing = true`: nobody does
    it; each unit undone loses `loses`.
    """

    arm: str = RESERVED_TODAY
    title: str = ""
    cost: _Quantity | None = None
    minutes: _Quantity | None = None
    wage_per_hour: _Quantity | None = None
    nothing: bool = False
    loses: _Quantity | None = Field(None, description="money a unit left undone loses")
    by: str = Field("", description="who gave the range")
    on: date | None = None
    source: str = Field("", description="where it comes from")
    service: TodayService | None = None

    @model_validator(mode="after")
    def _whole(self) -> Today:
        if self.minutes is not None and self.wage_per_hour is None:
            raise ValueError(say("`minutes` needs `wage_per_hour`"))
        if self.cost is not None and self.minutes is not None:
            raise ValueError(say("give `cost`, or `minutes` and `wage_per_hour`, not both"))
        return self

    @property
    def declared_cost(self) -> Quantity | None:
        """Money per unit, as declared; None where rows must say it."""
        if self.nothing:
            return self.loses or quantity(0)
        if self.cost is not None:
            return self.cost
        if self.minutes is None or self.wage_per_hour is None:
            return None
        wage, minutes = self.wage_per_hour, self.minutes
        return Quantity(minutes.low * wage.low / 60, minutes.high * wage.high / 60)


class Review(_Part):
    """People looking over each result of the AI."""

    minutes: _Quantity | None = Field(None, description="per unit, where the rows do not say")
    wage_per_hour: _Quantity
    by: str = ""
    source: str = ""


class Judge(_Part):
    """A model or a rule that looks over every result; its rows among the outcomes are no outcomes."""

    grader: str = Field(description="the judge's name in the column `grader` of the outcomes")
    carries_over: bool = Field(
        False,
        description="somebody declares: it is as often right about all tasks as about those people picked to check",
    )
    by: str = Field("", description="who declares it")
    source: str = ""


class Gate(_Part):
    """A rule set beforehand: a figure, its threshold, and the day by which it must hold."""

    name: str
    figure: Literal[
        "accepted",
        "spend",
        "acceptance",
        "cost_per_accepted",
        "full_unit_cost",
        "value_back",
        "hours_freed",
        "severe_failures",
        "harm",
    ]
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    below_today: bool = Field(False, description="cheaper than as today")
    confidence: Annotated[Decimal, Field(gt=Decimal("0.5"), lt=1)] = Decimal("0.95")
    cap: _Amount | None = Field(
        None, description="of a unit cost: the most the calls of one task may cost; the gate breaks above it"
    )
    least_useful: _Share | None = Field(
        None, description="of `acceptance`: it fails only when shown to be below this, not below `at_least`"
    )
    least_weeks: int = Field(0, ge=0, description="not looked at before this many whole weeks")
    by: date | None = None
    hard: bool = Field(False, description="failing it stops the use case")
    owner: str = ""

    @model_validator(mode="after")
    def _one_threshold(self) -> Gate:
        given = [self.at_least is not None, self.at_most is not None, self.below_today]
        if sum(given) != 1:
            raise ValueError(say("give exactly one of `at_least`, `at_most`, `below_today`"))
        if self.below_today and self.figure not in {
            "cost_per_accepted",
            "full_unit_cost",
        }:
            raise ValueError(say("`below_today` fits cost_per_accepted and full_unit_cost"))
        return self

    @model_validator(mode="after")
    def _fitting(self) -> Gate:
        of_money = self.figure in {"cost_per_accepted", "full_unit_cost"}
        if self.cap is not None and not of_money:
            raise ValueError(say("`cap` fits cost_per_accepted and full_unit_cost"))
        if of_money and self.at_least is not None:
            raise ValueError(say("a unit cost is judged by `at_most` or `below_today`"))
        if self.figure in {"severe_failures", "harm"} and self.at_most is None:
            raise ValueError(say("harm is judged by `at_most`"))
        if self.least_useful is not None and (
            self.figure != "acceptance" or self.at_least is None or self.least_useful > self.at_least
        ):
            raise ValueError(say("`least_useful` fits acceptance with `at_least`, and is no higher"))
        return self


class KillLine(_Part):
    """Stop when this much is spent and fewer than this many results were accepted."""

    spend: _Amount
    unless_accepted: int = Field(1, ge=0)
    on: date | None = Field(None, description="the day it was agreed")
    by: str = ""


class Claim(_Part):
    """Value somebody promised."""

    kind: Literal[
        "revenue won",
        "revenue kept",
        "spend removed",
        "spend avoided",
        "loss avoided",
        "time freed",
    ]
    amount: _Amount | None = None
    hours: _Amount | None = None
    evidence: Literal["estimated", "claimed"] = "claimed"
    by: str = ""
    on: date | None = None
    source: str = ""

    @model_validator(mode="after")
    def _something(self) -> Claim:
        if self.amount is None and self.hours is None:
            raise ValueError(say("give `amount` or `hours`"))
        return self


class Inherits(_Part):
    """Work of this arm starts from another arm's result: same task, same trial, its cost too."""

    arm: str
    from_arm: str = Field(alias="from")


_Result = Literal["minutes", "log minutes", "cost", "acceptance"]


class Experiment(_Part):
    """How it is to be known what the AI changed: who chose which work was done which way, and what was promised."""

    design: Literal["randomised", "controlled", "before/after"] = Field(
        description="by chance; some groups began on a day and others did not; everybody began on a day"
    )
    against: str | None = Field(None, description="the other way of working; else today's")
    since: date | None = Field(None, description="the day it began; needed but for a randomised trial")
    on: tuple[_Result, ...] = Field((), description="what is compared; else all that the data hold")
    forecast: dict[_Result, _Quantity] = Field(
        default_factory=dict,
        description="the change promised per task: minutes and cost below zero are less; shares as 0.05",
    )
    by: str = Field("", description="who says that it was done so")
    source: str = ""

    @model_validator(mode="after")
    def _begun(self) -> Experiment:
        if (self.since is None) != (self.design == "randomised"):
            raise ValueError(
                say("`since`, the day it began, goes with controlled and before/after, not with chance")
            )
        return self


class Fix(_Part):
    """A named leak or cost that stands in the way; while it is open the verdict is at best `fix`."""

    what: str
    worth: _Amount | None = None
    owner: str = ""
    by: date | None = None


class UseCase(_Part):
    """One piece of work the AI is meant to do."""

    title: str = ""
    unit: str = Field(description="what one finished piece of work is: ticket closed")
    stage: Literal["explore", "pilot", "production", "rollout"] = "pilot"
    owner: str = ""
    arm: str | None = Field(None, description="the AI's way of working that is judged")
    arms: dict[str, str] = Field(default_factory=dict, description="arm = its name on the page")
    budget: _Amount | None = None
    kill_line: KillLine | None = None
    match: dict[str, str] = Field(
        default_factory=dict,
        description='rows it takes: column, or "tag.NAME" = pattern with *; first match wins',
    )
    today: Today | None = None
    review: Review | None = None
    judge: Judge | None = None
    experiment: Experiment | None = None
    gates: tuple[Gate, ...] = ()
    claims: tuple[Claim, ...] = ()
    inherits: tuple[Inherits, ...] = ()
    segments: tuple[str, ...] = Field((), description="segment names to show")
    severe: tuple[str, ...] = Field(
        (), description="words of `severity` that are severe; else severe, critical, fatal, blocker"
    )
    cost_pool: str | None = None
    fixes: tuple[Fix, ...] = ()
    decide_by: date | None = None
    notes: tuple[str, ...] = Field((), description="printed on the page as they are")

    @model_validator(mode="after")
    def _matchable(self) -> UseCase:
        allowed = ("service", "model", "provider", "arm", "user", "account")
        for key in self.match:
            if key not in allowed and not key.startswith("tag."):
                raise ValueError(
                    say(
                        'match knows {allowed} and "tag.NAME", not {key}',
                        allowed=", ".join(allowed),
                        key=key,
                    )
                )
        return self


class CostPool(_Part):
    """What a department costs; use cases that draw on it cannot claim more together."""

    total: _Amount
    source: str = ""


class PriceOverride(_Part):
    """Your own price, per million tokens; wins over the bundled book."""

    model: str = Field(description="name as logged; may hold *")
    provider: str | None = None
    first_day: date | None = Field(None, alias="from")
    first_day_after: date | None = Field(None, alias="to")
    currency: _Currency = "USD"
    input: _Amount
    output: _Amount
    cached: _Amount | None = None
    cache_write_5m: _Amount | None = None
    cache_write_1h: _Amount | None = None
    source: str = ""


class PriceDiscount(_Part):
    """A factor on the book's price: 0.8 is a fifth less."""

    factor: Annotated[Decimal, Field(ge=0, le=10), WithJsonSchema({"type": "number", "minimum": 0})]
    model: str = "*"
    provider: str | None = None
    service_tier: str | None = None
    first_day: date | None = Field(None, alias="from")
    first_day_after: date | None = Field(None, alias="to")
    source: str = ""


class Rate(_Part):
    """1 of `from` is `rate` of `to` from `day` on."""

    from_currency: _Currency = Field(alias="from")
    to_currency: _Currency = Field(alias="to")
    day: date
    rate: Annotated[Decimal, Field(gt=0, le=Decimal("1e9")), WithJsonSchema({"type": "number"})]
    source: str = ""


class Fiscal(_Part):
    """The fiscal year: the month it starts in."""

    first_month: int = Field(1, ge=1, le=12)


class Project(_Part):
    """Everything payback.toml says. Made by `load`; `folder` is where the file stands."""

    name: str
    title: str = Field("AI spending", description="what the report is about")
    label: str = Field("", description="printed on every page: illustrative, draft")
    benchmark: bool = Field(False, description="test tasks, no customer: never added to anybody's money")
    currency: _Currency
    timezone: _Zone = "UTC"
    fiscal: Fiscal = Fiscal(first_month=1)
    period: PeriodRange | None = None
    sources: tuple[Source, ...] = ()
    use_cases: dict[str, UseCase] = Field(default_factory=dict)
    cost_pools: dict[str, CostPool] = Field(default_factory=dict)
    prices: tuple[PriceOverride, ...] = ()
    discounts: tuple[PriceDiscount, ...] = ()
    currency_rates: tuple[Rate, ...] = ()
    notes: tuple[str, ...] = ()

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    @model_validator(mode="after")
    def _pools_exist(self) -> Project:
        for name, case in self.use_cases.items():
            if case.cost_pool is not None and case.cost_pool not in self.cost_pools:
                raise ValueError(
                    say(
                        "use case {name} names the cost pool {pool}, which is not under [cost_pools]",
                        name=name,
                        pool=case.cost_pool,
                    )
                )
        return self

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def file(self) -> Path:
        return self._folder / FILE_NAME

    @property
    def looked_at(self) -> Period | None:
        """The period asked for, or None for all there is."""
        if self.period is None:
            return None
        return Period(self.period.first_day, self.period.first_day_after)

    def title_of(self, use_case: str) -> str:
        """The name a page shows for a use case."""
        return self.use_cases[use_case].title or use_case


def find(start: Path) -> Path:
    """The payback.toml in `start` or the nearest folder above it. Raises PaybackError."""
    if start.is_file():
        return start.resolve()
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise PaybackError(
        "no-project-file",
        say("no {name} here or in a folder above", name=FILE_NAME),
        where=str(start),
        fix=say("write one (docs/guides/project_file.md), or name its folder"),
    )


def load(path: str | Path = ".") -> Project:
    """Read the project file in `path` (a folder or the file). Raises PaybackError with its place."""
    file = find(Path(path))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PaybackError(
            "project-encoding",
            say("byte {start} is not UTF-8", start=error.start),
            where=str(file),
            fix=say("save the file as UTF-8"),
        ) from None
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PaybackError(
            "project-syntax",
            str(error) or say("nested too deeply"),
            where=str(file),
            fix=say("mend the TOML at that place; text stands in double quotes"),
        ) from None
    try:
        project = Project.model_validate(data)
    except ValidationError as error:
        raise _explained(error, file, text) from None
    project._folder = file.parent  # noqa: SLF001  the file itself cannot say where it stands
    return project


def place_of(project: Project, path: tuple[str | int, ...]) -> str:
    """File, line and column of a key of payback.toml, or of what stands nearest to it."""
    try:
        text = project.file.read_text(encoding="utf-8-sig")
    except OSError:
        return str(project.file)
    line, column = toml_places.nearest(toml_places.places(text), path)
    return f"{project.file}:{line}:{column}"


def schema() -> dict[str, Any]:
    """The JSON Schema of payback.toml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "payback.toml",
        **Project.model_json_schema(by_alias=True),
    }


def _explained(error: ValidationError, file: Path, text: str) -> PaybackError:
    """The first few faults of the file in one message, each with its line and column."""
    places = toml_places.places(text)
    lines: list[str] = []
    fixes: list[str] = []
    for fault in error.errors():
        path = tuple(part for part in fault["loc"] if not _is_tag(part))
        line, column = toml_places.nearest(places, path)
        dotted = ".".join(str(part) for part in path) or FILE_NAME
        what, fix = _words(fault, path, dotted)
        lines.append(f"{file}:{line}:{column}: {what}")
        if fix:
            fixes.append(fix)
    shown = lines[:5]
    if len(lines) > len(shown):
        shown.append(say("and {count} more", count=len(lines) - len(shown)))
    kinds = {fault["type"] for fault in error.errors()}
    code = "unknown-key" if kinds == {"extra_forbidden"} else "project-value"
    return PaybackError(
        code,
        "\n".join(shown),
        fix="\n  ".join(dict.fromkeys(fixes)) or say("`payback schema` prints what each key accepts"),
    )


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("function-")


def _words(fault: Mapping[str, Any], path: tuple[str | int, ...], dotted: str) -> tuple[str, str]:
    if fault["type"] == "extra_forbidden":
        known = sorted(_keys_at(path[:-1]))
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
        fix = (
            say("did you mean {near}?", near=near[0])
            if near
            else say("known here: {known}", known=", ".join(known))
        )
        return say("unknown key {key}", key=dotted), fix
    if fault["type"] == "missing":
        return say("{key} is missing", key=dotted), say("add {key}", key=str(path[-1]))
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    if isinstance(given, str | int | Decimal) and not isinstance(given, bool):
        return say(
            "{key} is {given}: {message}",
            key=dotted,
            given=repr(given),
            message=message,
        ), ""
    return f"{dotted}: {message}", ""


def _keys_at(path: tuple[str | int, ...]) -> set[str]:
    """The keys the schema knows at a path of the file."""
    node: Any = schema()
    definitions = node["$defs"]

    def resolved(part: Any) -> Any:
        while True:
            if "$ref" in part:
                part = definitions[part["$ref"].rsplit("/", 1)[1]]
            elif "anyOf" in part:
                part = next((p for p in part["anyOf"] if "$ref" in p), part["anyOf"][0])
            else:
                return part

    for step in path:
        node = resolved(node)
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
        if node is True or node is False:
            return set()
    return set(resolved(node).get("properties", {}))


INPUT_PARTS = {
    "cached": ("cached_tokens",),
    "cache_writes": tuple(name for name in TOKEN_COLUMNS if name.startswith("cache_write")),
}
"""Which ledger columns `input_includes` takes out of a file's input_tokens."""
