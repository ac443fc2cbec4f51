"""The Chromium that the widget's tests drive: the machine's own, or one that `make browser` installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium found for the widget's tests; run: make browser (or set ASKWELL_CHROMIUM to its path)"


def find() -> str | None:
    """Return the path of a Chromium, None if there is none."""
    found = [os.environ.get("ASKWELL_CHROMIUM"), *(shutil.which(name) for name in NAMES), _of_playwright()]
    return next((path for path in found if path), None)


def _of_playwright() -> str | None:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [folder] if folder else ["~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = (path for each in folders for pattern in patterns for path in Path(each).expanduser().glob(pattern))
    return next((str(path) for path in found), None)


def install() -> bool:
    """Install one from the system's packages, or else as Playwright ships it. Return whether there is one then."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    playwright = [sys.executable, "-m", "playwright", "install"]
    ways = [[*playwright, "--with-deps", "chromium"], [*playwright, "chromium"]]
    if shutil.which("apt-get"):
        subprocess.run([*root, "apt-get", "update", "-qq"], check=False)
        ways.insert(0, [*root, "apt-get", "install", "-y", "-qq", "chromium"])
    for command in ways:
        if find():
            break
        sys.stderr.write(f"$ {' '.join(command)}\n")
        subprocess.run(command, check=False, stdout=sys.stderr)
    return find() is not None


if __name__ == "__main__":
    sys.exit(0 if find() or install() else MISSING)
