"""Each string of the TOML files beside, held to the answer that was written by hand."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver import dates
from archiver.types import Moment

FORMATS = {
    "year": "%Y",
    "month": "%Y-%m",
    "day": "%Y-%m-%d",
    "hour": "%Y-%m-%dT%H",
    "minute": "%Y-%m-%dT%H:%M",
    "second": "%Y-%m-%dT%H:%M:%S",
}
STRINGS = [
    entry
    for file in sorted(Path(__file__).parent.glob("*.toml"))
    for entry in tomllib.loads(file.read_text("utf-8"))["date"]
]


def written(moment: Moment | None) -> str:
    """Return a moment as the files write it: as exact as it is, in the zone that was told."""
    if moment is None:
        return ""
    zone = datetime.strptime(moment.zone, "%z").tzinfo if moment.zone else None
    at = moment.at.astimezone(zone) if zone else moment.at
    return at.strftime(FORMATS[moment.precision]) + (moment.zone or "")


@pytest.mark.parametrize("entry", STRINGS, ids=lambda entry: entry["text"])
def test_a_string_is_read_as_it_was_meant(entry: dict[str, Any]) -> None:
    now = datetime.fromisoformat(entry["now"]) if "now" in entry else None
    moment = dates.parse(entry["text"], "text", language=entry.get("language", ""), now=now)
    assert written(moment) == entry["want"]
    if moment is not None:
        assert moment.origin == ("relative" if entry.get("relative") else "text")


def test_there_are_enough_strings() -> None:
    assert len(STRINGS) >= 350
    assert sum(not entry["want"] for entry in STRINGS) >= 80
