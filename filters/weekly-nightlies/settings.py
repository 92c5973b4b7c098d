"""The `config:` block of weekly-nightlies."""

from __future__ import annotations

import json
from dataclasses import dataclass

from componentize_py_types import Err

# A hundred years.
DAYS_MAX = 36_500


@dataclass(frozen=True)
class Settings:
    """Checked, with its defaults."""

    # For so many days every nightly build is kept.
    days: int = 30
    # What the tag of a nightly build contains, beside its date.
    contains: str = "nightly"
    # What becomes of other tags: `keep` or `drop`.
    others: str = "keep"


def read(text: str) -> Settings:
    """Reads the block; an `Err` names the key that is wrong."""
    config = json.loads(text)
    if not isinstance(config, dict):
        raise Err("config: expected keys and values")
    known = list(Settings.__dataclass_fields__)
    for key in config:
        if key not in known:
            raise Err(f"config.{key}: unknown key, expected one of {', '.join(known)}")
    settings = Settings(**config)
    if type(settings.days) is not int or not 0 <= settings.days <= DAYS_MAX:
        raise Err(f"config.days: expected a whole number from 0 to {DAYS_MAX}")
    if not isinstance(settings.contains, str):
        raise Err("config.contains: expected a text")
    if settings.others not in ("keep", "drop"):
        raise Err("config.others: expected keep or drop")
    return settings
