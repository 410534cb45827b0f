"""Does the money come back, and how do we know?

The Python interface behind the commands. Nothing heavy is imported until it is used.

    import payback
    project = payback.load("payback.toml")
    assessment = payback.assess(project)
    assessment.use_cases[0].verdict
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "load"]

if TYPE_CHECKING:
    from payback.assessor import assess
    from payback.project import load


def __getattr__(name: str) -> Any:
    if name == "load":
        from payback.project import load  # noqa: PLC0415  pydantic is slow to import

        return load
    if name == "assess":
        from payback.assessor import assess  # noqa: PLC0415  numpy and duckdb are slow to import

        return assess
    raise AttributeError(f"module 'payback' has no attribute {name!r}")
