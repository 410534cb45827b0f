"""Every rollup there is: the module-level texts of payback.measures whose names end in QUERY."""

from __future__ import annotations

import importlib
import pkgutil

from payback import measures


def rollups() -> dict[str, str]:
    """Text by name, such as `economics.money.WEEKLY_QUERY`, in alphabetical order."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(measures.__path__, f"{measures.__name__}."):
        names = vars(importlib.import_module(module.name))
        for name, text in names.items():
            if name.endswith("QUERY") and isinstance(text, str):
                found[f"{module.name.removeprefix('payback.measures.')}.{name}"] = text
    return dict(sorted(found.items()))
