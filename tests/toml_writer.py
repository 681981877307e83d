"""From a model to TOML: just enough to prove that nothing is lost on the way through the models."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from pydantic import BaseModel


def written(model: BaseModel) -> str:
    """Return what was set in a model as TOML."""
    return "".join(
        f"{pair}\n" for pair in _pairs(model.model_dump(by_alias=True, exclude_unset=True))
    )


def _pairs(table: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(_pairs(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
