"""Where lmtx looks on this system: cache and configuration. Nothing here opens a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for compiled indexes: LMTX_CACHE_DIR, or the platform's.

    Raises RuntimeError where there is no home.
    """
    if chosen := os.environ.get("LMTX_CACHE_DIR"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "lmtx" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lmtx"
    return _xdg_folder("XDG_CACHE_HOME", ".cache") / "lmtx"


def config_file() -> Path | None:
    """Return where the configuration is looked for: LMTX_CONFIG (empty: nowhere), else the
    platform's place for it.
    """
    chosen = os.environ.get("LMTX_CONFIG")
    if chosen is not None:
        return Path(chosen).absolute() if chosen else None
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("APPDATA") or Path.home()) / "lmtx" / "config.toml"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "lmtx" / "config.toml"
        return _xdg_folder("XDG_CONFIG_HOME", ".config") / "lmtx" / "config.toml"
    except RuntimeError:  # no home
        return None


def is_config_chosen() -> bool:
    """Tell whether LMTX_CONFIG names the configuration, which must be there then."""
    return bool(os.environ.get("LMTX_CONFIG"))


NO_WORKING_FOLDER = "the working folder has been removed", "change to one that is there"
"""What is said where a place cannot be told from the working folder, and what to do."""


def has_working_folder() -> bool:
    """Tell whether there is a working folder; another program may have removed it."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _xdg_folder(variable: str, default: str) -> Path:
    """Return a folder of the user; a relative one is to be ignored, says its standard."""
    chosen = Path(os.environ.get(variable, ""))
    return chosen if chosen.is_absolute() else Path.home() / default
