"""A real browser without a window: opens a page from a file, runs a script in it, prints it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--no-pdf-header-footer", "--virtual-time-budget=4000", "--enable-logging=stderr",
)  # fmt: skip

if not BROWSER and os.environ.get("LMTX_NEED_BROWSER"):
    raise RuntimeError("LMTX_NEED_BROWSER is set, and there is no Chromium")
_without_browser = pytest.mark.skipif(not BROWSER, reason="needs Chromium: apt install chromium")


def needs_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that opens a page in a browser: one for `.ci/run`, where there is one."""
    return pytest.mark.ci(_without_browser(test))


class Seen(NamedTuple):
    """What a page did: the value that the script left, and what the console said."""

    value: Any
    console: list[str]


def opened(page: str, folder: Path, script: str = "null", *, width: int = 1280) -> Seen:
    """Open a page and evaluate a JavaScript expression in it, once it is loaded."""
    path = folder / "page.html"
    probe = (
        f'<script>addEventListener("load", () => {{ const value = {script}; const kept = '
        f'document.createElement("pre"); kept.id = "probe"; kept.textContent = '
        f"JSON.stringify(value); document.body.append(kept); }});</script>"
    )
    path.write_text(page.replace("</body>", probe + "</body>"), encoding="utf-8")
    done = _run(folder, f"--window-size={width},900", "--dump-dom", path.as_uri())
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert found, done.stderr[-2000:]
    import html

    return Seen(json.loads(html.unescape(found.group(1))), console)


def printed(page: str, folder: Path) -> Path:
    """Print a page to PDF."""
    path, pdf = folder / "page.html", folder / "page.pdf"
    path.write_text(page, encoding="utf-8")
    _run(folder, f"--print-to-pdf={pdf}", path.as_uri())
    return pdf


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=90,
        check=True,
    )
