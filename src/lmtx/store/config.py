"""The user's configuration file: what lmtx shall lay over its base each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lmtx.errors import DataError, escape_control
from lmtx.store.places import config_file, is_config_chosen

LARGEST = 10_000
"""Bytes; a configuration is a few lines."""


def configured_overlays() -> list[Path]:
    """Return what the configuration lays over the base; relative places are seen from its folder.

    Raises DataError.
    """
    path = config_file()
    if path is None:
        return []
    if not _is_there(path):  # most users have none, and pay one look for it
        if is_config_chosen():
            raise DataError(
                f"LMTX_CONFIG: {escape_control(str(path))} is not a file",
                "name a configuration, or leave LMTX_CONFIG empty for none",
            )
        return []
    text = _text(path)
    wanted = _parsed(path, text).get("with", [])
    if not isinstance(wanted, list) or not all(isinstance(item, str) and item for item in wanted):
        raise _wrong(
            path,
            text,
            "with",
            "is not a list of files or folders",
            'write it like with = ["~/own-records"]',
        )
    return [path.parent / _home(item) for item in wanted]


def _is_there(path: Path) -> bool:
    """Tell whether there is a file; in a folder that is not ours to enter, such as the home of
    another user, there is none of ours.
    """
    try:
        return path.is_file()
    except OSError:
        return False


def _home(item: str) -> Path:
    try:
        return Path(item).expanduser()
    except RuntimeError:
        return Path(item)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(
                f"{escape_control(str(path))}: is larger than {LARGEST:,} bytes",
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


def _parsed(path: Path, text: str) -> dict[str, Any]:
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
            raise _wrong(
                path,
                text,
                key,
                "unknown key",
                'a configuration has one key: with = ["~/own-records"]',
            )
    return found


def _wrong(path: Path, text: str, key: str, what: str, todo: str) -> DataError:
    from lmtx.store.loading import line_of

    return DataError(
        f"{escape_control(str(path))}:{line_of(text, (key,))}: {escape_control(key[:60])}: {what}",
        todo,
    )
