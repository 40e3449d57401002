"""The one command that passes the tests: ``python3 tests/run.py``.

Makes the environment in ``.venv``, installs what is pinned, sees to a Chromium for the browser
tests (apt on Debian and Ubuntu, Homebrew on macOS, an installed Chrome or Edge anywhere) and to a
LibreOffice that sets the pages of the reports (apt), then runs pytest with whatever arguments
follow. Needs Python 3.11 or later and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "installed.txt"
PINS = (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt", ROOT / "pyproject.toml")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 — whoever runs this may have an older one
        print("qualcode needs Python 3.11 or later; run this with a newer python3.")
        return 2
    set_up()
    browser = find_browser() or install_browser()
    install_page_setter()
    variables = {**os.environ, "PYTHONHASHSEED": "0"}
    if browser:
        variables["QUALCODE_CHROMIUM"] = browser
    else:
        print("No Chromium, Chrome or Edge was found or could be installed: install one, or set")
        print("QUALCODE_CHROMIUM to it. The browser tests would not run, so nothing is run.")
        return 2
    command = [str(PYTHON), "-m", "pytest", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def set_up() -> None:
    """The environment with every pin, made again when a pin has changed."""
    wanted = "".join(file.read_text(encoding="utf-8") for file in PINS)
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    if not PYTHON.exists():
        print("Making the environment in .venv …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    print("Installing what is pinned …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", "tests/requirements.txt"], cwd=ROOT, check=True)
    STAMP.write_text(wanted, encoding="utf-8")


def find_browser() -> str | None:
    given = os.environ.get("QUALCODE_CHROMIUM")
    for name in (given, *BROWSERS) if given else BROWSERS:
        if found := shutil.which(name):
            return found
    return None


def install_browser() -> str | None:
    """Ask the system's package manager for Chromium; None where there is none."""
    print("Installing Chromium for the browser tests …", flush=True)
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "firefox-esr", "fonts-noto-color-emoji"]
        subprocess.run([*root, "apt-get", "update", "-qq"], env=quiet, check=False)
        subprocess.run(
            [*root, "apt-get", "install", "-y", "-qq", *packages], env=quiet, check=False
        )
    elif shutil.which("brew"):
        subprocess.run(["brew", "install", "--cask", "chromium"], check=False)
    return find_browser()


def install_page_setter() -> None:
    """LibreOffice, what turns its pages into pictures, and the letters of the reports.

    Without them the tests of the pages say so and are left out; nothing else needs them.
    """
    if all(shutil.which(name) for name in ("soffice", "pdftoppm")) or not shutil.which("apt-get"):
        return
    print("Installing LibreOffice for the pages of the reports …", flush=True)
    root = [] if os.geteuid() == 0 else ["sudo"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["libreoffice-writer-nogui", "poppler-utils", "fonts-crosextra-carlito"]
    subprocess.run([*root, "apt-get", "update", "-qq"], env=quiet, check=False)
    subprocess.run(
        [*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=quiet,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
