"""weekly-nightlies: keeps nightly builds for some days, and of older ones one a week.

The day is read from the tag (`nightly-20260131`, `2026-01-31-nightly-alpine`), so no image is asked
for. Of a week the last one stays, for each kind of tag: what is left of a tag without its date. So
what is kept does not change once a week is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timezone

from componentize_py_types import Err
from settings import Settings, read
from wit_world import exports
from wit_world.imports.types import Decision, Decision_Drop, Decision_Keep, Facts, Plan, Request

DATE = re.compile(r"(?<!\d)(20\d\d)([-._]?)(\d\d)\2(\d\d)(?!\d)", re.ASCII)


@dataclass(frozen=True)
class Nightly:
    """A nightly build: when it was made, and the rest of its tag."""

    tag: str
    day: date
    kind: str

    def week(self) -> tuple[str, int, int]:
        """The kind of tag, and the week of ISO 8601, which begins on a Monday."""
        year, week, _ = self.day.isocalendar()
        return self.kind, year, week


def nightly(tag: str, contains: str) -> Nightly | None:
    """Reads a tag; none if it is no nightly build."""
    found = DATE.search(tag)
    if contains not in tag or found is None:
        return None
    year, _, month, day = found.groups()
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return Nightly(tag, made, tag[: found.start()] + "*" + tag[found.end() :])


def decide(settings: Settings, tags: list[str], today: date) -> list[Decision]:
    """Decides all tags; which one stands for a week depends on the others."""
    nightlies = [nightly(tag, settings.contains) for tag in tags]
    last: dict[tuple[str, int, int], Nightly] = {}
    for build in nightlies:
        if build is not None:
            known = last.setdefault(build.week(), build)
            if (known.day, known.tag) < (build.day, build.tag):
                last[build.week()] = build

    def one(build: Nightly | None) -> Decision:
        if build is None:
            return Decision_Keep() if settings.others == "keep" else Decision_Drop("no nightly build")
        stands = last[build.week()]
        if (today - build.day).days <= settings.days or build == stands:
            return Decision_Keep()
        return Decision_Drop(f"{stands.tag} stands for its week")

    return [one(build) for build in nightlies]


class Filter(exports.Filter):
    """What the component exports."""

    def prepare(self, config: str) -> Plan:
        read(config)
        return Plan(needs=Facts.NOW)

    def decide(self, config: str, request: Request) -> list[Decision]:
        if request.now is None:
            raise Err("the time of the run is not known")
        today = datetime.fromtimestamp(request.now, timezone.utc).date()
        return decide(read(config), [image.tag for image in request.images], today)
