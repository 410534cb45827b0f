"""Gathers every sentence payback says into its catalogues: `make catalogue`.

A catalogue is src/payback/locale/LANGUAGE/LC_MESSAGES/payback.po. What the code no longer says is
dropped, what it newly says comes in untranslated. English needs no translation: there an empty
entry means "as the code has it".
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "payback"
CATALOGUES = "src/payback/locale/*/LC_MESSAGES/payback.po"
KEYWORDS = {"say": None, "say_count": (1, 2)}
READERS = [("**.py", "python"), ("**.jinja", "jinja2"), ("**.html", "jinja2")]
HEAD = "# What payback says. Made by `make catalogue`; translations are written by people."
NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # a date of its own would change the file at every run


def main() -> None:
    """Bring every catalogue up to date; prints how many sentences each has."""
    said = spoken()
    for path in catalogues():
        kept = read(path)
        kept.update(said, no_fuzzy_matching=True)
        kept.obsolete.clear()
        kept.header_comment, kept.project, kept.version = HEAD, "payback", ""
        kept.creation_date = kept.revision_date = NEVER
        with path.open("wb") as file:
            write_po(file, kept, width=100, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
        print(f"{path.parent.parent.name}: {len(kept)} sentences")


def spoken() -> Catalog:
    """Every sentence in the code and the templates, with the files that say it."""
    said = Catalog(project="payback", creation_date=NEVER)
    options = {"**": {"silent": "false"}}  # a template that does not parse is an error, not silence
    for file, line, message, comments, context in extract_from_dir(SOURCE, READERS, options, KEYWORDS):
        said.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return said


def catalogues() -> list[Path]:
    """The catalogues there are."""
    return sorted(ROOT.glob(CATALOGUES))


def read(path: Path) -> Catalog:
    """The catalogue in `path`."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


if __name__ == "__main__":
    main()
