"""Every word a person reads passes through here, so that a catalogue can say it in their language."""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DOMAIN = "payback"
FOLDER = Path(__file__).parent

_language: ContextVar[str] = ContextVar("language", default="en")


def use(language: str) -> None:
    """Say everything from here on in `language` (a folder of this package: `en`)."""
    _language.set(language)


def language() -> str:
    """The language in force."""
    return _language.get()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, languages=[language], fallback=True)


def say(message: str, /, **values: object) -> str:
    """`message` in the language in force, its {places} filled with `values`."""
    text = _catalogue(_language.get()).gettext(message)
    return text.format(**values) if values else text


def say_count(one: str, many: str, count: int, /, **values: object) -> str:
    """The form of the message that fits `count`; {count} is filled too."""
    text = _catalogue(_language.get()).ngettext(one, many, count)
    return text.format(count=count, **values)
