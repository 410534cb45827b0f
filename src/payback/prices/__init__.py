"""What AI calls cost: a dated price book, your own prices over it, and the calendar the ledger joins."""

from payback.prices.book import Disagreement, PriceBook
from payback.prices.cost import CallTokens, call_cost_pico
from payback.prices.currency import CurrencyRate
from payback.prices.listing import as_of
from payback.prices.own import Discount, Override, of_project
from payback.prices.price import Hours, Price, Rates, Tier, Unpriced
from payback.prices.price_calendar import CalendarRow, calendar

__all__ = [
    "CalendarRow",
    "CallTokens",
    "CurrencyRate",
    "Disagreement",
    "Discount",
    "Hours",
    "Override",
    "Price",
    "PriceBook",
    "Rates",
    "Tier",
    "Unpriced",
    "as_of",
    "calendar",
    "call_cost_pico",
    "of_project",
]
