"""A small check against a JSON Schema: only what assessment.schema.json uses, and nothing else passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "const", "enum", "pattern", "anyOf",
    "properties", "required", "additionalProperties", "items",
}  # fmt: skip


def faults(value: Any, node: dict[str, Any], root: dict[str, Any], at: str = "$") -> Iterator[str]:
    """What does not fit, each with its place."""
    assert set(node) <= KNOWN, f"the check does not know {set(node) - KNOWN}"
    if "$ref" in node:
        yield from faults(value, root["$defs"][node["$ref"].rsplit("/", 1)[1]], root, at)
    if "anyOf" in node and all(list(faults(value, one, root, at)) for one in node["anyOf"]):
        yield f"{at}: fits none of the choices"
    if "const" in node and value != node["const"]:
        yield f"{at}: is not {node['const']}"
    if "enum" in node and value not in node["enum"]:
        yield f"{at}: {value} is not one of {node['enum']}"
    if "type" in node and not _is(value, node["type"]):
        yield f"{at}: is not {node['type']}"
        return
    if "pattern" in node and not re.search(node["pattern"], value):
        yield f"{at}: {value} is written otherwise"
    if isinstance(value, dict):
        yield from _object(value, node, root, at)
    if isinstance(value, list) and "items" in node:
        for place, one in enumerate(value):
            yield from faults(one, node["items"], root, f"{at}[{place}]")


def _object(value: dict[str, Any], node: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    properties = node.get("properties", {})
    yield from (f"{at}: {key} is missing" for key in node.get("required", ()) if key not in value)
    for key, one in value.items():
        if key in properties:
            yield from faults(one, properties[key], root, f"{at}.{key}")
        elif node.get("additionalProperties") is False:
            yield f"{at}: {key} is not in the schema"


def _is(value: Any, names: str | list[str]) -> bool:
    wanted = [names] if isinstance(names, str) else names
    return any(
        isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))
        for name in wanted
    )
