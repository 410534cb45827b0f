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


def test_the_guide_has_every_key_in_the_section_of_its_table() -> None:
    schema = project.schema()
    text = GUIDE.read_text(encoding="utf-8")
    missing = [f"{table}: {key}" for table, key in _keys(schema) if not _mentioned(key, text)]
    assert not missing, f"docs/guides/project_file.md does not mention {missing}"


def test_every_example_of_the_guide_is_a_project_file(tmp_path: Path) -> None:
    """Its blocks of TOML, one below the other, are one valid payback.toml."""
    blocks = re.findall(r"^```toml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "payback.toml").write_text("\n".join(blocks), encoding="utf-8")
    read = project.load(tmp_path)
    used = read.model_dump(by_alias=True, exclude_unset=True)
    given = {key for table, key in _keys(project.schema()) if _used(key, used)}
    assert given >= {"name", "sources", "use_cases", "gates", "kill_line", "prices", "currency_rates"}


def _keys(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, part in {"Project": schema, **schema["$defs"]}.items():
        yield from ((name, key) for key in part["properties"])


def _mentioned(key: str, text: str) -> bool:
    return re.search(rf"(?:`|\.|^|\b){re.escape(key)}(?:`|\]| =)", text, re.MULTILINE) is not None


def _used(key: str, value: object) -> bool:
    if isinstance(value, dict):
        return key in value or any(_used(key, each) for each in value.values())
    return isinstance(value, tuple | list) and any(_used(key, each) for each in value)
