"""Pictures of pages, by a Chromium without a window."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from tests.pictures.page import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
COLORS = 128


def chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def photograph(executable: str, page: Page, html: Path, png: Path) -> None:
    """The whole page, at the size that it has, with as few colours as do."""
    with tempfile.TemporaryDirectory() as profile:
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
            f"--window-size={page.width},{page.height}", f"--screenshot={png}", html.resolve().as_uri(),
        ]  # fmt: skip
        subprocess.run([executable, *arguments], check=True, capture_output=True, timeout=120)
    with Image.open(png) as picture:
        few = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    few.save(png, optimize=True)
