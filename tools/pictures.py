"""Remakes the pictures of docs/pictures from the report of `payback demo`: `make pictures`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from payback.cli.doctor import chromium

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
MOST_BYTES = 300_000
"""A README is read on slow lines too."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One part of the report on one screen; `high` cuts a long page."""

    name: str
    part: str
    width: int = 1280
    scheme: str = "light"
    high: int | None = None


ALL = (
    Picture("page-one", "#page-one"),
    Picture("page-one-dark", "#page-one", scheme="dark"),
    Picture("page-one-phone", "#page-one", width=390),
    Picture("use-case", "#use-fix-issues", high=1640),
)


def main() -> None:
    """Make every picture; prints the size of each."""
    program = chromium()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        call = [sys.executable, "-m", "payback", "demo", "--out", folder]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  no word comes from outside
        browser = playwright.chromium.launch(
            executable_path=str(program) if program else None, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in ALL:
            path = PICTURES / f"{picture.name}.png"
            taken(browser, Path(folder) / "report.html", picture, path)
            size = path.stat().st_size
            print(f"{path.name}: {size:,} bytes{' (too large)' if size > MOST_BYTES else ''}")
        browser.close()


def taken(browser: Browser, report: Path, picture: Picture, path: Path) -> None:
    """Write the picture of that part of the report."""
    viewport = {"width": picture.width, "height": 900}
    page = browser.new_page(viewport=viewport, color_scheme=picture.scheme)  # type: ignore[arg-type]  # ours
    page.goto(report.resolve().as_uri())
    box = page.locator(picture.part).bounding_box()
    if box is None:
        raise LookupError(picture.part)
    high = min(box["height"], picture.high or box["height"])
    clip = {"x": 0.0, "y": box["y"], "width": float(picture.width), "height": high}
    page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]  # four numbers
    page.close()


if __name__ == "__main__":
    main()
