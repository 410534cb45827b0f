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
    """One part of the report on one screen; `high` cuts a long page, `heading` is what it begins with.

    `example` is the bundled one it is of; empty: those of `payback demo`.
    """

    name: str
    part: str
    width: int = 1280
    scheme: str = "light"
    high: int | None = None
    heading: str = ""
    example: str = ""


ALL = (
    Picture("page-one", "#page-one"),
    Picture("page-one-dark", "#page-one", scheme="dark"),
    Picture("page-one-phone", "#page-one", width=390),
    Picture("use-case", "#use-fix-issues", high=1640),
    Picture("ahead", "#use-support-replies", high=1560, heading="What lies ahead", example="example-group"),
)


def main() -> None:
    """Make every picture; prints the size of each."""
    program = chromium()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for example in sorted({picture.example for picture in ALL}):
            call = [sys.executable, "-m", "payback", "demo", "--out", str(Path(folder) / example)]
            call += ["--example", example] if example else []
            subprocess.run(call, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  no word comes from outside
        browser = playwright.chromium.launch(
            executable_path=str(program) if program else None, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in ALL:
            path = PICTURES / f"{picture.name}.png"
            taken(browser, Path(folder) / picture.example / "report.html", picture, path)
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
    top = box["y"]
    if picture.heading:
        start = page.locator(picture.part).get_by_role("heading", name=picture.heading, exact=True).first
        top = (start.bounding_box() or box)["y"] - 16
    high = min(box["y"] + box["height"] - top, picture.high or box["height"])
    clip = {"x": 0.0, "y": top, "width": float(picture.width), "height": high}
    page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]  # four numbers
    page.close()


if __name__ == "__main__":
    main()
