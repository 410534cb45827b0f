"""From a name as logged to names a price book may list: every rule is explicit and is reported.

No rule drops digits that make a version, such as `-0613`: only whole dates (20250929, 2024-08-06).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from payback.locale import say
from payback.prices.listing import FOLDER

MAKERS: tuple[tuple[str, str], ...] = (
    ("gpt-oss*", ""),  # open weights: others run it
    ("gpt*", "openai"),
    ("chatgpt-*", "openai"),
    ("o[134]", "openai"),
    ("o[134]-*", "openai"),
    ("codex-*", "openai"),
    ("computer-use*", "openai"),
    ("ft:gpt*", "openai"),
    ("text-embedding-[3a]*", "openai"),
    ("text-davinci-*", "openai"),
    ("davinci*", "openai"),
    ("babbage*", "openai"),
    ("claude*", "anthropic"),
    ("gemini*", "google"),
    ("mistral*", "mistral"),
    ("mixtral*", "mistral"),
    ("ministral*", "mistral"),
    ("codestral*", "mistral"),
    ("devstral*", "mistral"),
    ("magistral*", "mistral"),
    ("pixtral*", "mistral"),
    ("voxtral*", "mistral"),
    ("grok*", "x-ai"),
    ("deepseek-*", "deepseek"),
    ("command*", "cohere"),
    ("c4ai-*", "cohere"),
    ("sonar*", "perplexity"),
    ("kimi*", "moonshotai"),
    ("moonshot-*", "moonshotai"),
    ("glm*", "zai"),
    ("minimax*", "minimax"),
    ("muse-*", "meta"),
    ("trinity-*", "arcee"),
    ("voyage*", "voyageai"),
)
"""Who made a model, by its bare name; the first that fits. Where no provider is logged, the maker's
own list price is taken before anybody else's."""

FIRST_PARTY = frozenset(maker for _, maker in MAKERS if maker)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to read a logged name. `provider` None is any; `found_by` says which rules made it.

    `lossy` where a rule dropped or exchanged something that may carry a price of its own.
    """

    provider: str | None
    model: str
    found_by: tuple[str, ...] = ()
    lossy: bool = False


def maker(model: str) -> str | None:
    """The provider that made a model, None where that is not known or others run it."""
    name = model.casefold()
    for pattern, provider in MAKERS:
        if fnmatchcase(name, pattern):
            return provider or None
    return None


def known_provider(logged: str | None) -> str | None:
    """A provider as the book names it; a name that is not known is kept. Empty is None."""
    if logged is None or not logged.strip():
        return None
    name = logged.strip().casefold()
    return _providers().get(name, name)


def forms(model: str, provider: str | None) -> tuple[Form, ...]:
    """Every reading of a logged name, the most literal first. `provider` as the book names it."""
    found = [Form(provider, model.strip())]
    for rule in RULES:
        for form in tuple(found):
            for reading in rule(form):
                same = (reading.provider, reading.model.casefold())
                if same not in {(other.provider, other.model.casefold()) for other in found}:
                    found.append(reading)
    return tuple(found)


def alias(form: Form) -> Form | None:
    """What aliases.csv says a name stands for; None where it says nothing, or names another provider."""
    row = _aliases().get(form.model.casefold())
    if row is None:
        return None
    provider, model, reason = row
    if form.provider is not None and form.provider != provider:
        return None
    if form.model.casefold() == model.casefold():
        step = say(
            "{model} is taken as {provider}'s: {reason}", model=model, provider=provider, reason=reason
        )
    else:
        step = say("{name} stands for {model}: {reason}", name=form.model, model=model, reason=reason)
    return replace(form, provider=provider, model=model, found_by=(*form.found_by, step))


def _without_window_mark(form: Form) -> Iterator[Form]:
    """claude-sonnet-4-5[1m]: Claude Code's mark for the long context window."""
    bare = re.sub(r"\[\d+[km]\]$", "", form.model, flags=re.IGNORECASE)
    if bare != form.model:
        yield _then(form, bare, say("without the mark for the context window"))


def _without_route(form: Form) -> Iterator[Form]:
    """openai/gpt-4o, models/gemini-2.5-pro, accounts/fireworks/models/x, publishers/google/models/x."""
    head, slash, rest = form.model.partition("models/")
    if slash and rest and (not head or head.endswith("/")):
        yield _then(form, rest, say("without the path {path}", path=head + slash))
    prefix, slash, rest = form.model.partition("/")
    named = _providers().get(prefix.casefold())
    if slash and rest and named is not None and form.provider in {None, named}:
        step = say("{prefix}/ names the provider {provider}", prefix=prefix, provider=named)
        yield replace(form, provider=named, model=rest, found_by=(*form.found_by, step))


def _without_region(form: Form) -> Iterator[Form]:
    """us.anthropic.claude-x: Bedrock writes the region first; regional and global prices differ."""
    match = re.fullmatch(
        r"(us|us-gov|eu|apac|au|ca|jp|sa|me|global)\.((\w+)\..+)", form.model, flags=re.IGNORECASE
    )
    bare = re.fullmatch(r"(anthropic|amazon|openai|moonshotai|zai)\..+", form.model, re.IGNORECASE)
    if form.provider not in {None, "aws"}:
        return
    if match is not None:
        region, rest = match[1].casefold(), match[2]
        where = "global" if region == "global" else "regional"
        step = say("{region}. is a Bedrock region: its {where} price", region=region, where=where)
        yield Form("aws", f"{where}.{rest}", (*form.found_by, step), form.lossy)
        if where == "regional":
            step = say("{region}. is a Bedrock region", region=region)
            yield Form("aws", rest, (*form.found_by, step), lossy=True)
    elif bare is not None:
        step = say("a Bedrock name without a region: its regional price")
        yield Form("aws", f"regional.{form.model}", (*form.found_by, step), form.lossy)


def _without_revision(form: Form) -> Iterator[Form]:
    """anthropic.claude-sonnet-4-6-v1:0 and -v1: Bedrock's revision."""
    bare = re.sub(r"(-v\d+)?:\d+$|-v\d+$", "", form.model)
    if bare != form.model and form.provider in {None, "aws"}:
        yield _then(form, bare, say("without Bedrock's revision"), lossy=True)


def _without_date(form: Form) -> Iterator[Form]:
    """claude-sonnet-4-5-20250929, gpt-4o-2024-08-06, claude-haiku-4-5@20251001: a whole date only."""
    bare = re.sub(r"[-@](20\d{2}[01]\d[0-3]\d|20\d{2}-[01]\d-[0-3]\d)$", "", form.model)
    if bare != form.model:
        yield _then(form, bare, say("without the release date"), lossy=True)


def _without_latest(form: Form) -> Iterator[Form]:
    """gemini-flash-latest -> gemini-flash; and the other way round, as some are listed so."""
    if form.model.casefold().endswith("-latest"):
        yield _then(form, form.model[: -len("-latest")], say("without -latest"), lossy=True)
    else:
        yield _then(form, form.model + "-latest", say("listed as -latest"), lossy=True)


def _with_hyphens(form: Form) -> Iterator[Form]:
    """claude-3.5-haiku -> claude-3-5-haiku: Anthropic writes versions with hyphens."""
    if "claude" in form.model.casefold() and "." in form.model:
        bare = re.sub(r"(?<=\d)\.(?=\d)", "-", form.model)
        if bare != form.model:
            yield _then(form, bare, say("the version written with hyphens"))


RULES: tuple[Callable[[Form], Iterator[Form]], ...] = (
    _without_window_mark,
    _without_route,
    _without_region,
    _without_revision,
    _with_hyphens,
    _without_date,
    _without_latest,
)
"""Applied in this order, each to everything the ones before it gave."""


def _then(form: Form, model: str, step: str, *, lossy: bool = False) -> Form:
    return replace(form, model=model, found_by=(*form.found_by, step), lossy=form.lossy or lossy)


@cache
def _providers() -> dict[str, str]:
    with (FOLDER / "providers.csv").open(encoding="utf-8", newline="") as file:
        return {row["logged"]: row["provider"] for row in csv.DictReader(file)}


@cache
def _aliases() -> dict[str, tuple[str, str, str]]:
    with (FOLDER / "aliases.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["logged"].casefold(): (row["provider"], row["model"], row["reason"])
            for row in csv.DictReader(file)
        }
