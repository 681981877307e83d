"""A real browser without a window: opens a page from a file, runs a script in it, prints it."""

from __future__ import annotations

import html
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


LEAST = 500
"""Width (px) below which a window cannot be; a narrower page is opened in a frame."""


def opened(
    page: str, folder: Path, script: str = "null", *, width: int = 1280, library: str = ""
) -> Seen:
    """Open a page and evaluate a JavaScript expression in it, or what it promises, once it is
    loaded; `library` is code that it needs."""
    path = folder / "page.html"
    probe = f"<script>{library}</script>" * bool(library) + (
        f'<script>addEventListener("load", async () => {{ const value = await {script}; const top '
        f'= window.parent.document; const kept = top.createElement("pre"); kept.id = "probe"; '
        f"kept.textContent = JSON.stringify(value); top.body.append(kept); }});</script>"
    )
    page = page.replace("</body>", probe + "</body>")
    if width < LEAST:
        look = f"width:{width}px;height:850px;border:0"
        page = f'<!doctype html><body><iframe style="{look}" srcdoc="{html.escape(page)}"></iframe>'
    path.write_text(page, encoding="utf-8")
    done = _run(folder, f"--window-size={max(width, LEAST)},900", "--dump-dom", path.as_uri())
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert found, done.stderr[-2000:]
    return Seen(json.loads(html.unescape(found.group(1))), console)


AXE = os.environ.get("LMTX_AXE", "")
"""The file axe.min.js of the npm package axe-core, where a machine has it."""
needs_axe = pytest.mark.skipif(not AXE, reason="needs LMTX_AXE: npm install axe-core")
SERIOUS = """axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
rules: {"target-size": {enabled: true}}}).then((found) => found.violations
.filter((one) => ["serious", "critical"].includes(one.impact))
.map((one) => [one.id + ":", ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))])
.map((parts) => parts.join(" ")))"""


def list_faults(page: str, folder: Path, *, width: int) -> list[str]:
    """Return what axe-core finds serious or critical on a page of a width."""
    code = Path(AXE).read_text(encoding="utf-8")
    found: list[str] = opened(page, folder, SERIOUS, width=width, library=code).value
    return found


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
