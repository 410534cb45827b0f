"""Find payback.toml, read it, and say of each fault where it stands and how to mend it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from payback import toml_places
from payback.locale import say
from payback.project.project import FILE_NAME, Project
from payback.records import PaybackError


def find(start: Path) -> Path:
    """The payback.toml in `start` or the nearest folder above it. Raises PaybackError."""
    if start.is_file():
        return start.resolve()
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise PaybackError(
        "no-project-file",
        say("no {name} here or in a folder above", name=FILE_NAME),
        where=str(start),
        fix=say("write one (docs/guides/project_file.md), or name its folder"),
    )


def load(path: str | Path = ".") -> Project:
    """Read the project file in `path` (a folder or the file). Raises PaybackError with its place."""
    file = find(Path(path))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PaybackError(
            "project-encoding",
            say("byte {start} is not UTF-8", start=error.start),
            where=str(file),
            fix=say("save the file as UTF-8"),
        ) from None
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PaybackError(
            "project-syntax",
            str(error) or say("nested too deeply"),
            where=str(file),
            fix=say("mend the TOML at that place; text stands in double quotes"),
        ) from None
    try:
        project = Project.model_validate(data)
    except ValidationError as error:
        raise _explained(error, file, text) from None
    project._folder = file.parent  # noqa: SLF001  the file itself cannot say where it stands
    return project


def place_of(project: Project, path: tuple[str | int, ...]) -> str:
    """File, line and column of a key of payback.toml, or of what stands nearest to it."""
    try:
        text = project.file.read_text(encoding="utf-8-sig")
    except OSError:
        return str(project.file)
    line, column = toml_places.nearest(toml_places.places(text), path)
    return f"{project.file}:{line}:{column}"


def schema() -> dict[str, Any]:
    """The JSON Schema of payback.toml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "payback.toml",
        **Project.model_json_schema(by_alias=True),
    }


def _explained(error: ValidationError, file: Path, text: str) -> PaybackError:
    """The first few faults of the file in one message, each with its line and column."""
    places = toml_places.places(text)
    lines: list[str] = []
    fixes: list[str] = []
    for fault in error.errors():
        path = tuple(part for part in fault["loc"] if not _is_tag(part))
        line, column = toml_places.nearest(places, path)
        dotted = ".".join(str(part) for part in path) or FILE_NAME
        what, fix = _words(fault, path, dotted)
        lines.append(f"{file}:{line}:{column}: {what}")
        if fix:
            fixes.append(fix)
    shown = lines[:5]
    if len(lines) > len(shown):
        shown.append(say("and {count} more", count=len(lines) - len(shown)))
    kinds = {fault["type"] for fault in error.errors()}
    code = "unknown-key" if kinds == {"extra_forbidden"} else "project-value"
    return PaybackError(
        code,
        "\n".join(shown),
        fix="\n  ".join(dict.fromkeys(fixes)) or say("`payback schema` prints what each key accepts"),
    )


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("function-")


def _words(fault: Mapping[str, Any], path: tuple[str | int, ...], dotted: str) -> tuple[str, str]:
    if fault["type"] == "extra_forbidden":
        known = sorted(_keys_at(path[:-1]))
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
        fix = (
            say("did you mean {near}?", near=near[0])
            if near
            else say("known here: {known}", known=", ".join(known))
        )
        return say("unknown key {key}", key=dotted), fix
    if fault["type"] == "missing":
        return say("{key} is missing", key=dotted), say("add {key}", key=str(path[-1]))
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    if isinstance(given, str | int | Decimal) and not isinstance(given, bool):
        return say(
            "{key} is {given}: {message}",
            key=dotted,
            given=repr(given),
            message=message,
        ), ""
    return f"{dotted}: {message}", ""


def _keys_at(path: tuple[str | int, ...]) -> set[str]:
    """The keys the schema knows at a path of the file."""
    node: Any = schema()
    definitions = node["$defs"]

    def resolved(part: Any) -> Any:
        while True:
            if "$ref" in part:
                part = definitions[part["$ref"].rsplit("/", 1)[1]]
            elif "anyOf" in part:
                part = next((p for p in part["anyOf"] if "$ref" in p), part["anyOf"][0])
            else:
                return part

    for step in path:
        node = resolved(node)
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
        if node is True or node is False:
            return set()
    return set(resolved(node).get("properties", {}))
