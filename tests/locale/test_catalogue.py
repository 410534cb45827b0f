"""The catalogues hold what the code says, no more and no less, with the same {places} to fill."""

from __future__ import annotations

import ast
import gettext
import io
import string
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo

from payback.locale import say, say_count
from tools import catalogue

CATALOGUES = catalogue.catalogues()
LANGUAGES = [path.parent.parent.name for path in CATALOGUES]


def test_english_is_there() -> None:
    assert "en" in LANGUAGES


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_the_catalogue_is_up_to_date(path: Path) -> None:
    said = {message.id for message in catalogue.spoken() if message.id}
    written = {message.id for message in catalogue.read(path) if message.id}
    assert written == said, "run `make catalogue`"


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_a_translation_fills_the_same_places(path: Path) -> None:
    for message in catalogue.read(path):
        if message.id:
            asked = _places(_forms(message.id))
            for translated in filter(None, _forms(message.string)):
                assert _places((translated,)) <= asked, f"{message.id} becomes {translated}"
                assert not isinstance(message.id, str) or _places((translated,)) == asked, message.id


def test_everything_is_translated() -> None:
    missing = [
        f"{language}: {message.id}"
        for path, language in zip(CATALOGUES, LANGUAGES, strict=True)
        if language != "en"
        for message in catalogue.read(path)
        if message.id and not all(_forms(message.string))
    ]
    assert not missing, "\n".join(missing)


def test_every_sentence_is_written_where_it_is_said() -> None:
    """`say(variable)` would be found by no catalogue; say each sentence in full."""
    for path in sorted(catalogue.SOURCE.rglob("*.py")):
        if path != catalogue.SOURCE / "locale" / "__init__.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    texts = {"say": 1, "say_count": 2}.get(node.func.id, 0)
                    for text in node.args[:texts]:
                        assert isinstance(text, ast.Constant), (
                            f"{path.name}:{node.lineno}: {ast.unparse(text)}"
                        )


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_what_the_build_compiles_can_be_read(path: Path) -> None:
    binary = io.BytesIO()
    write_mo(binary, catalogue.read(path))
    binary.seek(0)
    compiled = gettext.GNUTranslations(binary)
    assert compiled.info()["language"] == path.parent.parent.name


def test_what_is_said_in_english_is_the_text_itself() -> None:
    assert say("{a} and {b} do not add", a="EUR", b="USD") == "EUR and USD do not add"
    assert [say_count("{count} row", "{count} rows", count) for count in (0, 1, 2)] == [
        "0 rows",
        "1 row",
        "2 rows",
    ]


def _forms(text: object) -> tuple[str, ...]:
    return (
        (text,) if isinstance(text, str) else tuple(map(str, text)) if isinstance(text, list | tuple) else ()
    )


def _places(forms: tuple[str, ...]) -> set[str]:
    return {place for form in forms for _, place, _, _ in string.Formatter().parse(form) if place is not None}
