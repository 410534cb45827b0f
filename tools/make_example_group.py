"""Write the data files of the example `example-group`: `python -m tools.make_example_group`.

Everything is made up. What is drawn is drawn from the figures below, with one seed, so that the same code
gives the same files and a test may ask whether payback finds these figures again. payback.toml and README.md
beside the data are written by hand.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "src" / "payback" / "examples" / "example-group"
SEED = 2026
FIRST, AFTER = date(2026, 7, 1), date(2026, 10, 1)
MONTHS = (7, 8, 9)
EUR_FOR_USD = 0.86  # as in payback.toml

Row = Sequence[object]


@dataclass(frozen=True)
class Kind:
    """A kind of ticket: its share of all, how many of them are accepted, tokens of a call (mean)."""

    name: str
    share: float
    accepted: float
    fresh: int
    cached: int
    out: int


# --- support-replies: what payback should find again ------------------------------------------------

TICKETS = 6_000
KINDS = (
    Kind("password and login", 0.38, 0.90, 40_000, 26_000, 4_200),
    Kind("order and delivery", 0.32, 0.74, 60_000, 39_000, 6_400),
    Kind("billing question", 0.24, 0.55, 84_000, 56_000, 9_000),
    Kind("disputed refund", 0.06, 0.20, 126_000, 76_000, 13_700),
)
CALLS = 1.6  # a ticket: one, and often a second or third
TICKET_MODEL = "claude-sonnet-4-6"
TICKET_PRICE = (3.0, 0.3, 15.0)  # USD a million tokens: fresh, cached, out
UNPRICED_MODEL, UNPRICED = "reply-router-1b", 14
UNCHECKED = 102  # of the tickets, as 311 of 18,240
WRONG = 1 / 400  # of replies that were sent: wrong, and seen by a customer
TIMED_DAYS, TIMED, REVIEW_MINUTES, REVIEW_SPREAD = (date(2026, 9, 14), date(2026, 9, 18)), 212, 1.5, 0.9
TICKET_MINUTES_TODAY = 12.1
TICKET_PLATFORM = 240  # EUR a month

# --- invoice-match ----------------------------------------------------------------------------------

INVOICES = 4_500
INVOICE_ACCEPTED = 0.95
INVOICE_MODEL, INVOICE_PRICE = "gpt-5.4", (2.5, 0.25, 15.0)
INVOICE_TOKENS = (27_000, 4_000, 2_900)
INVOICE_TIMED, INVOICE_REVIEW_MINUTES, INVOICE_REVIEW_SPREAD = 400, 1.9, 0.8
INVOICE_MINUTES_TODAY = 5.4
INVOICE_RUN = {3: 560, 4: 590, 5: 640, 6: 650}  # EUR of models and hardware a month before calls were logged
INVOICE_BUILD = ((date(2026, 1, 30), 6_200), (date(2026, 2, 27), 4_600))
INVOICE_PLATFORM = 330
INVOICE_SAVED = {
    3: 900,
    4: 1_350,
    5: 1_600,
    6: 1_700,
    7: 1_740,
    8: 1_740,
    9: 1_740,
}  # booked: clerks not replaced
INVOICE_PROMISED = {  # what R. Silva said a month before: too much at first
    3: (1_300, 1_900),
    4: (1_600, 2_200),
    5: (1_700, 2_300),
    6: (1_700, 2_200),
    7: (1_600, 2_000),
    8: (1_600, 2_000),
}
GPU_HOUR = 0.30

# --- sales-assistant --------------------------------------------------------------------------------

OFFERS = 1_500
OFFER_ACCEPTED = 0.80
OFFER_REVIEW_MINUTES, OFFER_REVIEW_SPREAD, OFFERS_TIMED = 12.0, 0.6, 300
OFFER_MINUTES_TODAY = 117.0
SEATS, SEAT = 150, 60
OFFER_PLATFORM = 3_300
OFFER_REVENUE = {7: 700, 8: 900, 9: 1_200}  # measured: won with the assistant and lost without it, in a trial

HEADERS = {
    "tickets.csv.gz": (
        "ticket", "kind", "closed_at", "sent_as_written", "severity", "review_minutes",
    ),
    "ticket_calls.csv.gz": ("time", "ticket", "model", "input", "cached", "output"),
    "invoices.csv.gz": ("invoice", "matched_at", "right", "review_minutes"),
    "invoice_calls.csv.gz": ("time", "invoice", "model", "input", "cached", "output"),
    "offers.csv.gz": ("offer", "sent_at", "used", "review_minutes"),
    "bills.csv": ("month", "use_case", "service", "billed", "currency"),
    "costs.csv": ("day", "use_case", "category", "amount", "evidence", "committed_until", "note"),
    "value.csv": ("day", "use_case", "kind", "amount", "hours", "evidence", "note"),
    "capacity.csv": (
        "start", "end", "pool", "use_case", "devices", "allocated_share", "busy_share",
        "price_per_device_hour", "currency", "committed_until",
    ),
    "forecasts.csv": ("made_on", "made_by", "use_case", "quantity", "low", "high", "for_period"),
}  # fmt: skip


def rows() -> dict[str, list[Row]]:
    """Every file's rows, without its header."""
    tickets, ticket_calls = _tickets(_dice(0))
    invoices, invoice_calls = _invoices(_dice(1))
    offers = _offers(_dice(3))
    return {
        "tickets.csv.gz": tickets,
        "ticket_calls.csv.gz": ticket_calls,
        "invoices.csv.gz": invoices,
        "invoice_calls.csv.gz": invoice_calls,
        "offers.csv.gz": offers,
        "bills.csv": [
            *_bills("support-replies", "Anthropic API", ticket_calls, TICKET_PRICE),
            *_bills("invoice-match", "OpenAI API", invoice_calls, INVOICE_PRICE),
        ],
        "costs.csv": list(_costs()),
        "value.csv": list(_value(tickets, invoices, offers)),
        "capacity.csv": list(_capacity()),
        "forecasts.csv": list(_forecasts()),
    }


def files() -> dict[str, bytes]:
    """Every file's content; gzip carries no time, so the same rows give the same bytes."""
    found = {}
    for name, mine in rows().items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADERS[name])
        writer.writerows(mine)
        content = text.getvalue().encode()
        found[name] = gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content
    return found


def _tickets(draw: random.Random) -> tuple[list[Row], list[Row]]:
    """Tickets in the order they were closed, and the calls of each."""
    ends = _moments(draw, TICKETS)
    timed = _some(
        draw, [n for n in range(TICKETS) if TIMED_DAYS[0] <= ends[n].date() <= TIMED_DAYS[1]], TIMED
    )
    unchecked = _some(draw, [n for n in range(TICKETS) if n not in timed], UNCHECKED)
    tickets: list[Row] = []
    calls: list[Row] = []
    for n, ended in enumerate(ends):
        kind = _kind(draw.random())
        accepted = draw.random() < kind.accepted
        wrong = accepted and draw.random() < WRONG / 0.73
        minutes = f"{_around(draw, REVIEW_MINUTES, REVIEW_SPREAD):.1f}" if n in timed else ""
        checked = "" if n in unchecked else int(accepted)
        name = f"T{n + 10_001}"
        tickets.append(
            (name, kind.name, _written(ended), checked, "wrong" if wrong and checked else "", minutes)
        )
        for back in reversed(range(_how_many(draw))):
            at = ended - timedelta(seconds=20 + 45 * back)
            calls.append(
                (_written(at), name, TICKET_MODEL, *_tokens(draw, (kind.fresh, kind.cached, kind.out)))
            )
    for place in _some(draw, list(range(len(calls))), UNPRICED):
        calls[place] = (*calls[place][:2], UNPRICED_MODEL, *calls[place][3:])
    return tickets, calls


def _how_many(draw: random.Random) -> int:
    """Calls of a ticket: 1, 2 or 3, on average CALLS."""
    place = draw.random()
    return 1 if place < 0.5 else 2 if place < 0.9 else 3


def _invoices(draw: random.Random) -> tuple[list[Row], list[Row]]:
    ends = _moments(draw, INVOICES)
    timed = _some(draw, list(range(INVOICES)), INVOICE_TIMED)
    invoices: list[Row] = []
    calls: list[Row] = []
    for n, ended in enumerate(ends):
        name = f"R{n + 40_001}"
        minutes = f"{_around(draw, INVOICE_REVIEW_MINUTES, INVOICE_REVIEW_SPREAD):.1f}" if n in timed else ""
        invoices.append((name, _written(ended), int(draw.random() < INVOICE_ACCEPTED), minutes))
        calls.append(
            (_written(ended - timedelta(seconds=15)), name, INVOICE_MODEL, *_tokens(draw, INVOICE_TOKENS))
        )
    return invoices, calls


def _offers(draw: random.Random) -> list[Row]:
    ends = _moments(draw, OFFERS)
    timed = _some(draw, list(range(OFFERS)), OFFERS_TIMED)
    found: list[Row] = []
    for n, ended in enumerate(ends):
        minutes = f"{_around(draw, OFFER_REVIEW_MINUTES, OFFER_REVIEW_SPREAD):.0f}" if n in timed else ""
        found.append((f"O{n + 7_001}", _written(ended), int(draw.random() < OFFER_ACCEPTED), minutes))
    return found


def _bills(use_case: str, service: str, calls: Sequence[Row], price: tuple[float, ...]) -> Iterator[Row]:
    """An invoice a month, a little under list prices: the vendor's own rounding."""
    for month in MONTHS:
        mine = [row for row in calls if str(row[0])[:7] == f"2026-{month:02}" and row[2] != UNPRICED_MODEL]
        listed = sum(_price(row, price) for row in mine)
        yield _first(month), use_case, service, f"{listed * 0.995:.2f}", "USD"


def _price(row: Row, price: tuple[float, ...]) -> float:
    """USD of one call at list price."""
    return sum(float(str(tokens)) * each for tokens, each in zip(row[3:], price, strict=True)) / 1e6


def _costs() -> Iterator[Row]:
    """Money out that is in no log and on no invoice of a vendor."""
    for day, amount in INVOICE_BUILD:
        yield day, "invoice-match", "build", amount, "booked", "", "interfaces and first country"
    for month, amount in INVOICE_RUN.items():
        yield (
            _last(month),
            "invoice-match",
            "run",
            amount,
            "booked",
            "",
            "models and hardware, before calls were logged",
        )
    for month in range(3, 10):
        yield (
            _last(month),
            "invoice-match",
            "platform",
            INVOICE_PLATFORM,
            "booked",
            "",
            "share of the platform",
        )
    for month in MONTHS:
        yield (
            _last(month),
            "support-replies",
            "platform",
            TICKET_PLATFORM,
            "estimated",
            "",
            "share of the platform, by calls",
        )
        lease = date(2027, 2, 28)
        yield (
            _last(month),
            "sales-assistant",
            "licence",
            SEATS * SEAT,
            "booked",
            lease,
            f"{SEATS} seats at {SEAT}",
        )
        yield (
            _last(month),
            "sales-assistant",
            "platform",
            OFFER_PLATFORM,
            "booked",
            "",
            "search over old offers",
        )
    yield date(2026, 8, 31), "voice-agent", "build", 3_200, "booked", "", "two weeks of trial with 400 calls"


def _value(tickets: Sequence[Row], invoices: Sequence[Row], offers: Sequence[Row]) -> Iterator[Row]:
    """What came back. Hours freed are worked out from the rows: minutes of today less review."""
    work = (
        ("support-replies", tickets, 2, 3, TICKET_MINUTES_TODAY, REVIEW_MINUTES),
        ("invoice-match", invoices, 1, 2, INVOICE_MINUTES_TODAY, INVOICE_REVIEW_MINUTES),
        ("sales-assistant", offers, 1, 2, OFFER_MINUTES_TODAY, OFFER_REVIEW_MINUTES),
    )
    for name, done, ended, accepted, today, review in work:
        for month in MONTHS:
            mine = [row for row in done if str(row[ended])[:7] == f"2026-{month:02}"]
            minutes = sum(today * (row[accepted] == 1) - review for row in mine)
            yield (
                _last(month),
                name,
                "time freed",
                "",
                round(minutes / 60),
                "measured",
                "minutes of today less review",
            )
    for month, amount in INVOICE_SAVED.items():
        yield (
            _last(month),
            "invoice-match",
            "spend removed",
            amount,
            "",
            "booked",
            "temporary clerks not engaged again",
        )
    for month in MONTHS:
        yield (
            _last(month),
            "support-replies",
            "spend removed",
            0,
            "",
            "booked",
            "looked into the accounts: nothing yet",
        )
        yield (
            _last(month),
            "sales-assistant",
            "revenue won",
            OFFER_REVENUE[month],
            "",
            "measured",
            "trial by region",
        )


def _capacity() -> Iterator[Row]:
    """One device that reads invoices; half of its time is handed out, a fifth is computing."""
    shares = {7: (0.55, 0.19), 8: (0.52, 0.18), 9: (0.58, 0.21)}
    for month, (handed, busy) in shares.items():
        end = _last(month) + timedelta(days=1)
        yield (
            f"{_first(month)} 00:00", f"{end} 00:00", "reading pool", "invoice-match", 1, handed, busy,
            GPU_HOUR, "EUR", date(2026, 12, 31),
        )  # fmt: skip


def _forecasts() -> Iterator[Row]:
    """Promises of the same owners that have come due, and some that have not."""
    yield date(2026, 6, 24), "D. Roth", "support-replies", "hours freed", 380, 520, "2026-07"
    yield date(2026, 7, 27), "D. Roth", "support-replies", "hours freed", 330, 450, "2026-08"
    yield date(2026, 8, 26), "D. Roth", "support-replies", "hours freed", 240, 330, "2026-09"
    yield date(2026, 6, 24), "D. Roth", "support-replies", "spend", 2_000, 2_600, "2026-Q3"
    for month, (low, high) in INVOICE_PROMISED.items():
        yield date(2026, month - 1, 25), "R. Silva", "invoice-match", "value", low, high, f"2026-{month:02}"
    yield date(2026, 3, 30), "R. Silva", "invoice-match", "spend", 1_900, 2_500, "2026-Q2"
    yield date(2026, 6, 29), "M. Duarte", "sales-assistant", "value", 9_000, 15_000, "2026-Q3"
    yield date(2026, 6, 29), "M. Duarte", "sales-assistant", "hours freed", 2_600, 3_600, "2026-Q3"
    yield date(2026, 9, 25), "D. Roth", "support-replies", "hours freed", 820, 1_050, "2026-Q4"
    yield date(2026, 9, 25), "R. Silva", "invoice-match", "value", 5_000, 5_900, "2026-Q4"
    yield date(2026, 9, 25), "M. Duarte", "sales-assistant", "value", 6_000, 12_000, "2026-Q4"


# --- how things are drawn ---------------------------------------------------------------------------


def _moments(draw: random.Random, count: int) -> list[datetime]:
    """Minutes of working days, 8 to 18 o'clock, in order."""
    days = [FIRST + timedelta(n) for n in range((AFTER - FIRST).days)]
    days = [day for day in days if day.weekday() < 5]
    found = []
    for _ in range(count):
        day = days[int(draw.random() * len(days))]
        opens = datetime(day.year, day.month, day.day, 8)  # noqa: DTZ001  payback.toml says the zone
        found.append(opens + timedelta(minutes=int(draw.random() * 600)))
    return sorted(found)


def _dice(place: int) -> random.Random:
    return random.Random(SEED + place)  # noqa: S311  no secret


def _some(draw: random.Random, among: list[int], count: int) -> set[int]:
    return set(draw.sample(among, count))


def _kind(place: float) -> Kind:
    for kind in KINDS:
        place -= kind.share
        if place < 0:
            return kind
    return KINDS[-1]


def _tokens(draw: random.Random, means: tuple[int, ...]) -> tuple[int, ...]:
    """Tokens to the ten, of a call that is long or short as a whole."""
    length = _around(draw, 1.0, 0.35)
    return tuple(10 * round(mean * length * (0.9 + 0.2 * draw.random()) / 10) for mean in means)


def _around(draw: random.Random, mean: float, spread: float) -> float:
    """A gamma of this mean whose standard deviation is `spread` of it: above 0, with a long right end."""
    shape = 1 / spread**2
    return draw.gammavariate(shape, mean / shape)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _first(month: int) -> date:
    return date(2026, month, 1)


def _last(month: int) -> date:
    return date(2026, month + 1, 1) - timedelta(days=1)


def main(arguments: Iterable[str] = ()) -> int:
    """Write the files and say how large they are."""
    if list(arguments):
        print(__doc__, file=sys.stderr)
        return 2
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
