"""The JSON Schema of payback.toml that ships is the one the code reads by, and the guide has every key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import payback as package
from payback import project

if TYPE_CHECKING:
    from tests.cli.conftest import Payback

ROOT = Path(package.__file__).parent
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "project_file.md"


def test_the_shipped_schema_is_up_to_date(expected: Callable[[Path, str], None]) -> None:
    written = json.dumps(project.schema(), indent=2, ensure_ascii=False) + "\n"
    expected(ROOT / "payback.schema.json", written)


def test_it_is_printed_or_written(payback: Payback, tmp_path: Path) -> None:
    shipped = (ROOT / "payback.schema.json").read_text(encoding="utf-8")
    assert payback("schema").out == shipped
    done = payback("schema", "--out", tmp_path / "schema.json")
    assert (done.code, done.out, done.err) == (0, "", f"written: {tmp_path / 'schema.json'}\n")
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == shipped


def test_no_unknown_key_is_allowed_anywhere() -> None:
    schema = project.schema()
    assert all(part["additionalProperties"] is False for part in (schema, *schema["$defs"].values()))


def test_the_guide_sets_every_key_or_names_it(tmp_path: Path) -> None:
    """Its blocks of TOML, one below the other, are one valid payback.toml with nearly every key in it."""
    text = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "payback.toml").write_text("\n".join(blocks), encoding="utf-8")
    used = set(_used(project.load(tmp_path)))
    missing = sorted(
        f"{table}.{key}" for table, key in _known() if (table, key) not in used and f"`{key}`" not in text
    )
    assert len(used) > 100
    assert not missing, f"docs/guides/project_file.md does not say what these are: {missing}"


def _known() -> Iterator[tuple[str, str]]:
    """Every key of the schema, with the table it belongs to."""
    schema = project.schema()
    for name, part in {"Project": schema, **schema["$defs"]}.items():
        yield from ((name, key) for key in part["properties"])


def _used(value: object) -> Iterator[tuple[str, str]]:
    """The keys a project file sets."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _used(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _used(each)
    elif hasattr(value, "model_fields_set"):
        fields: dict[str, Any] = getattr(type(value), "model_fields")  # noqa: B009  any part of a Project
        for name in value.model_fields_set:
            yield type(value).__name__, fields[name].alias or name
            yield from _used(getattr(value, name))
