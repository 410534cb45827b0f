"""What calls can be grouped by, and in whose days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from payback.ledger.engine import quoted
from payback.locale import say
from payback.records import PaybackError
from payback.sources.formats import FIRST_YEAR, YEAR_AFTER

BY: Mapping[str, str] = {
    "model": "coalesce(model, '')",
    "day": "strftime(clock, '%Y-%m-%d')",
    "week": "strftime(date_trunc('week', clock), '%Y-%m-%d')",
    "month": "strftime(clock, '%Y-%m')",
    "session": "coalesce(session, '')",
    "project": "coalesce(project, '')",
    "branch": "coalesce(branch, '')",
    "user": "coalesce(\"user\", '')",
    "tool": "tool",
    "service": "coalesce(service, '')",
    "use-case": "coalesce(use_case, '')",
    "tag": "",
}
"""What calls are grouped by, in SQL; `clock` is their time in the zone asked for. A week is named by its Monday."""
IN_TIME = frozenset({"day", "week", "month"})
"""Groups in the order of time; the others come dearest first."""
TAG = "tag:"
"""`tag:team` groups by the values of the tag `team`; `tag` alone by every tag and value there is."""
UTC_NAME = "UTC"
EARLIEST, LATEST = date(FIRST_YEAR - 1, 1, 1), date(YEAR_AFTER, 1, 1)
"""No call lies before or after; further out, days have no instants."""

_PAIRS = "map_entries(try_cast(try_cast(tags as JSON) as MAP(VARCHAR, VARCHAR)))"


@dataclass(frozen=True, slots=True)
class Grouped:
    """SQL: the calls with their `key`, one row for each group a call is in."""

    rows: str
    overlapping: bool = False  # a call may be in several


def grouped(by: str, calls: str) -> Grouped:
    """The calls of the table or view `calls` under their groups; `calls` has the column `clock`."""
    if by == "tag":
        pairs = f"""select * exclude (pair), coalesce(pair.key || '=' || pair.value, '') as key from (
            select *, unnest(case when len({_PAIRS}) > 0 then {_PAIRS} else [null] end) as pair from {calls})"""
        return Grouped(f"({pairs})", overlapping=True)
    if by.startswith(TAG):
        value = f"try_cast(try_cast(tags as JSON) as MAP(VARCHAR, VARCHAR))[{quoted(by.removeprefix(TAG))}]"
        return Grouped(f"(select *, coalesce({value}, '') as key from {calls})")
    return Grouped(f"(select *, {BY[by]} as key from {calls})")


def place(by: str) -> str:
    """The column of a call that a group needs."""
    return "tags" if by.startswith(TAG) or by == "tag" else by.replace("-", "_")


def known(by: str) -> bool:
    """Whether calls can be grouped so."""
    return by in BY or (by.startswith(TAG) and len(by) > len(TAG))


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # not found is a KeyError; a folder an OSError
        raise _no_zone(name) from error


def _no_zone(name: str) -> PaybackError:
    return PaybackError(
        "timezone",
        say("{name} is no time zone", name=name),
        fix=say("write it as the IANA list does: Europe/Berlin, Asia/Jakarta, UTC"),
    )


def local(name: str, zones: Collection[str]) -> str:
    """SQL: the time of a call as clocks in that zone show it. `zones` are those the engine knows."""
    zone(name)
    if name == UTC_NAME:
        return '"time"'
    if name not in zones:
        raise _no_zone(name)
    return f"timezone({quoted(name)}, timezone('UTC', \"time\"))"


def between(since: date | None, until: date | None, name: str) -> str:
    """SQL: the condition on a call's time: days of that zone, the last one included."""
    parts = ["true"]
    if since is not None and since > EARLIEST:
        parts.append(f"\"time\" >= timestamp '{_begins(since, name)}'")
    if until is not None and until < LATEST:
        parts.append(f"\"time\" < timestamp '{_begins(until + timedelta(days=1), name)}'")
    return " and ".join(parts)


def _begins(day: date, name: str) -> str:
    """The UTC instant at which a day of that zone begins."""
    return str(datetime.combine(day, time(), zone(name)).astimezone(UTC).replace(tzinfo=None))
