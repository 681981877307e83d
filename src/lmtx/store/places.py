"""Where lmtx looks on this system: the cache, and the user's configuration, which says what is laid
over the base each time."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from lmtx.errors import DataError, escape_control

LARGEST_CONFIG = 10_000
"""Bytes; a configuration is a few lines."""


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


def is_config_set_by_variable() -> bool:
    """Tell whether LMTX_CONFIG names the configuration, which must be there then."""
    return bool(os.environ.get("LMTX_CONFIG"))


NO_WORKING_FOLDER_MESSAGE = "the working folder has been removed", "change to one that is there"
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


def configured_overlays() -> list[Path]:
    """Return what the configuration lays over the base; relative places are seen from its folder.

    Raises DataError.
    """
    path = config_file()
    if path is None:
        return []
    if not _is_there(path):  # most users have none, and pay one look for it
        if is_config_set_by_variable():
            raise DataError(
                f"LMTX_CONFIG: {escape_control(str(path))} is not a file",
                "name a configuration, or leave LMTX_CONFIG empty for none",
            )
        return []
    text = _read_config(path)
    wanted = _parse_config(path, text).get("with", [])
    if not isinstance(wanted, list) or not all(isinstance(item, str) and item for item in wanted):
        raise _refuse_key(
            path,
            text,
            "with",
            "is not a list of files or folders",
            'write it like with = ["~/own-records"]',
        )
    return [path.parent / _expand_home(item) for item in wanted]


def _is_there(path: Path) -> bool:
    """Tell whether there is a file; in a folder that is not ours to enter, such as the home of
    another user, there is none of ours.
    """
    try:
        return path.is_file()
    except OSError:
        return False


def _expand_home(item: str) -> Path:
    try:
        return Path(item).expanduser()
    except RuntimeError:
        return Path(item)


def _read_config(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise DataError(
                f"{escape_control(str(path))}: is larger than {LARGEST_CONFIG:,} bytes",
                "a configuration is a few lines",
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{escape_control(str(path))}: is not UTF-8 (byte {error.start})",
            "save it as a UTF-8 text file",
        ) from None
    except OSError as error:
        raise DataError(
            f"{escape_control(str(path))}: cannot be read: {error.strerror}",
            "check its permissions",
        ) from None


def _parse_config(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{escape_control(str(path))}: not valid TOML: "
            f"{escape_control(' '.join(str(error).split()))}",
            "mend the line or the one before it",
        ) from None
    for key in found:
        if key != "with":
            raise _refuse_key(
                path,
                text,
                key,
                "unknown key",
                'a configuration has one key: with = ["~/own-records"]',
            )
    return found


def _refuse_key(path: Path, text: str, key: str, what: str, todo: str) -> DataError:
    from lmtx.store.loading import find_nearest_line

    return DataError(
        f"{escape_control(str(path))}:{find_nearest_line(text, (key,))}: "
        f"{escape_control(key[:60])}: "
        f"{what}",
        todo,
    )
