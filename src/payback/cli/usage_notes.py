"""What stands below the table of `payback usage`: what was paid, what is not known, what was left out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from payback.cli.usage_table import SHOWN, counted_calls, counted_tokens, money
from payback.locale import say, say_count
from payback.records import Money

if TYPE_CHECKING:
    from payback.usage import Fate, Overlap, Unfinished, Usage

COLUMNS = 100


def more(found: Usage) -> list[str]:
    """Why the true cost is higher than the sum, and what to do about it."""
    notes = []
    total = found.total
    if found.unfinished is not None:
        notes += _unfinished(found.unfinished)
    for each in found.not_priced[:SHOWN]:
        name = each.model or say("no model")
        notes.append(
            say_count(
                "{count:,} call without a price: {reason}",
                "{count:,} calls without a price: {reason}",
                each.calls,
                reason=each.reason,
            )
            + (say("; see payback prices {model}", model=name) if each.model else "")
        )
    if missing := [each for each in found.meters if each.listed is None]:
        notes.append(
            say(
                "besides tokens, without a known price: {meters}",
                meters=", ".join(f"{each.meter} {_quantity(each.quantity)}" for each in missing),
            )
        )
    if total.at_least:
        notes.append(
            say_count(
                "{count:,} sum of calls does not say how long its prompts were: long ones cost more",
                "{count:,} sums of calls do not say how long their prompts were: long ones cost more",
                total.at_least,
            )
        )
    if total.unmetered:
        notes.append(
            say_count(
                "{count:,} call logs no token counts: its cost is not known",
                "{count:,} calls log no token counts: their cost is not known",
                total.unmetered,
            )
        )
    lines = _under(say("more?"), notes)
    others = [_overlap(each) for each in found.overlaps]
    if found.overlapping and len(found.rows) > 1:
        others.append(
            say("a call with several tags is in several rows: they may add up to more than the total")
        )
    if total.stated_calls:
        others.append(
            say_count(
                "{count:,} call has no list price and is counted at the {amount} its log states",
                "{count:,} calls have no list price and are counted at the {amount} their logs state",
                total.stated_calls,
                amount=money(total.stated),
            )
        )
    if found.future:
        others.append(
            say_count(
                "{count:,} call lies in the future: a clock was wrong",
                "{count:,} calls lie in the future: a clock was wrong",
                found.future,
            )
        )
    if total.by_meter.amount:
        charged = [each for each in found.meters if each.listed is not None and each.listed.amount]
        others.append(
            say(
                "{amount} of the list price is not for tokens: {meters}",
                amount=money(total.by_meter),
                meters=", ".join(f"{each.meter} {_quantity(each.quantity)}" for each in charged),
            )
        )
    if total.assumed.amount:
        others.append(
            say(
                "{amount} of the list price rests on a cache price nobody lists, taken at its most",
                amount=money(total.assumed),
            )
        )
    return lines + _under(say("note"), others)


def _overlap(each: Overlap) -> str:
    """What is in two places and counts once, and what it would add if it were not the same."""
    amount = money(each.listed)
    return say(
        "{calls} in {aside} are also in {kept}, of the same days and models, and count once: {amount} more at list if they are others",
        calls=counted_calls(each.calls, each.uncounted),
        aside=_side(each.aside),
        kept=_side(each.kept),
        amount=say("{amount} or more", amount=amount) if each.or_more else amount,
    )


def _side(name: str) -> str:
    from payback.sources import FORMATS

    titles = {format_.name: format_.title for format_ in FORMATS}
    return say("the export {title}", title=titles[name]) if name else say("logs")


def waste(found: Usage) -> list[str]:
    """What may have been avoided; nothing where there is none or the logs cannot say."""
    avoidable, notes = found.waste, []
    if avoidable.rewritten.amount:
        notes.append(
            say(
                "{amount} for writing {tokens} tokens to a cache again that had lapsed",
                amount=money(avoidable.rewritten),
                tokens=counted_tokens(avoidable.rewritten_tokens),
            )
        )
    if avoidable.unread.amount:
        notes.append(
            say(
                "{amount} for the last {tokens} tokens of sessions, cached and never read",
                amount=money(avoidable.unread),
                tokens=counted_tokens(avoidable.unread_tokens),
            )
        )
    if avoidable.failed.amount:
        failed = say_count(
            "{amount} for {count:,} call that failed",
            "{amount} for {count:,} calls that failed",
            avoidable.failed_calls,
            amount=money(avoidable.failed),
        )
        again = say(", {count:,} asked again within a minute", count=avoidable.again)
        notes.append(failed + (again if avoidable.again else ""))
    if not notes:
        return []
    head = say("{amount} may have been avoided", amount=money(avoidable.total))
    return _noted(say("waste"), f"{head}: " + "; ".join(notes))


def went(found: Usage) -> list[str]:
    """What became of the work, by what it cost at list price."""
    lines = []
    for number, made in enumerate(found.became):
        head = "" if number else say("went")
        option = f"(--git {made.folder})"
        if not made.total.amount:
            told = (
                say("no call with a price was made in this repository")
                if made.calls
                else say("no call was made in this repository")
            )
            lines += _noted(head, f"{told}   {option}")
            continue
        shares = [
            f"{word} {_percent(made.listed[fate], made.total)}"
            for fate, word in _fates().items()
            if made.listed[fate].amount
        ]
        lines.append(f"{head:<6} " + "   ".join((*shares, option)))
        if made.each is None:
            told = say("no merged change; {amount} at list", amount=money(made.total))
        else:
            told = say_count(
                "{count:,} merged change, {amount} at list, what led nowhere included",
                "{count:,} merged changes, {amount} each at list, those that led nowhere included",
                made.changes,
                amount=money(made.each),
            )
        lines += _noted("", told + (say(", or more") if made.unpriced else ""))
    return lines


def _fates() -> dict[Fate, str]:
    from payback.usage import Fate

    return {
        Fate.MERGED: say("merged"),
        Fate.NOT_MERGED: say("not merged"),
        Fate.REVERTED: say("reverted"),
        Fate.NO_COMMIT: say("no commit found"),
    }


def _percent(part: Money, whole: Money) -> str:
    share = 100 * part.amount / whole.amount
    return say("under {share} %", share=1) if share < 1 else say("{share} %", share=f"{share:.0f}")


def _quantity(quantity: Decimal) -> str:
    return f"{quantity.normalize():,f}"


def _unfinished(early: Unfinished) -> list[str]:
    """What calls cost beyond their too early count; a line for each way of knowing it."""
    notes = []
    if early.about_calls:
        notes.append(
            say_count(
                "{count:,} call logs an unfinished output count: about {amount} more at list",
                "{count:,} calls log an unfinished output count: about {amount} more at list",
                early.about_calls,
                amount=money(early.about),
            )
            + say(", if they answered as finished ones do")
        )
    if early.at_most_calls:
        notes.append(
            say_count(
                "{count:,} call logs an unfinished output count: up to {amount} more at list",
                "{count:,} calls log an unfinished output count: up to {amount} more at list",
                early.at_most_calls,
                amount=money(early.at_most),
            )
            + say(" (the longest answer of the model)")
        )
    if early.unknown:
        notes.append(
            say_count(
                "{count:,} call logs an unfinished output count: how much more it cost is not known",
                "{count:,} calls log an unfinished output count: how much more they cost is not known",
                early.unknown,
            )
        )
    return notes


def left_out(found: Usage) -> list[str]:
    notes = []
    if found.copies:
        notes.append(
            say_count(
                "{count:,} copy of a call, counted once",
                "{count:,} copies of calls, counted once",
                found.copies,
            )
        )
    for reason, count in found.skipped.items():
        notes.append(_skipped(reason, count))
    if found.lines_left_out:
        notes.append(say_count("{count:,} damaged line", "{count:,} damaged lines", found.lines_left_out))
    lines = _under(say("out"), notes)
    for problem in found.problems[:SHOWN]:
        where = f"{problem.origin}: " if problem.origin else ""
        lines.append(" " * 7 + " ".join((where + problem.what).split()))  # a place stays on one line
    if (rest := len(found.problems) - SHOWN) > 0:
        lines += _noted("", say("{count} more notes; --json has them", count=rest))
    return lines


def _skipped(reason: str, count: int) -> str:
    if reason == "synthetic":
        return say_count(
            "{count:,} message that no model made", "{count:,} messages that no model made", count
        )
    if reason == "gateway-cache":
        return say_count(
            "{count:,} answer from a gateway's own cache: no model was called",
            "{count:,} answers from a gateway's own cache: no model was called",
            count,
        )
    return say_count(
        "{count:,} answer broken off before anything was counted",
        "{count:,} answers broken off before anything was counted",
        count,
    )


def _under(head: str, notes: Sequence[str]) -> list[str]:
    """Notes below one head, which stands before the first."""
    return [line for number, note in enumerate(notes) for line in _noted("" if number else head, note)]


def _noted(head: str, text: str) -> list[str]:
    """A note beside its head, on as many lines as it needs."""
    return textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=f"{head:<6} ",
        subsequent_indent=" " * 9,
        break_long_words=False,
        break_on_hyphens=False,
    )
