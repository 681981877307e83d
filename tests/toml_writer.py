"""From a model to TOML: just enough to prove that nothing is lost on the way through the models."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from pydantic import BaseModel


def written(model: BaseModel) -> str:
    """Return a model as TOML, without what is absent, false or empty."""
    return "\n".join(f"{_key(key)} = {_value(value)}" for key, value in _items(model.model_dump(by_alias=True))) + "\n"


def _items(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in table.items() if value is not None and value != () and (value is not False or key == "lm_only" or (key in ("lm", "specified")))]


def _key(key: str) -> str:
    return key


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in _items(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return repr(value)
