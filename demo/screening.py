"""The demo's screening policies: what its sites have asked since 2020, dated as hospitals dated it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.screening.policies import KEY
from core.models import Site
from core.policies.actions import policies
from core.principal import Principal

FILE = Path(__file__).parent / "data" / "screening-policies.yaml"
EVERY_SITE = "all"
NOT_CONTENT = ("site", "audience", "from")
APPROVED_BY = ("demo:approver", "demo:second-approver")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedContent:
    """A content with whom it is for, its first day, and the first day of the one after it. `site`: "" for all."""

    site: str
    audience: str
    begins: date
    ends: date | None
    content: Mapping[str, Any]


def timeline(written: Mapping[str, Any]) -> Iterator[DatedContent]:
    """Yield each row with its end: the next row of its audience takes over, be it the site's own or that for all."""
    defaults, rows = written["defaults"], written["policies"]
    for row in rows:
        later = [
            other["from"]
            for other in rows
            if other["audience"] == row["audience"]
            and other["from"] > row["from"]
            and other["site"] in (row["site"], EVERY_SITE)
        ]
        yield DatedContent(
            site="" if row["site"] == EVERY_SITE else row["site"],
            audience=row["audience"],
            begins=row["from"],
            ends=min(later, default=None),
            content=_content({**defaults, **row}),
        )


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in row.items() if name not in NOT_CONTENT}
    content["fever_f"] = str(content["fever_f"])
    # The door asks again only what was asked before.
    content["recheck_questions"] = [one for one in content["recheck_questions"] if one in content["questions"]]
    return content


def adopt(sites: Mapping[str, Site], *, by: Principal, at: datetime) -> None:
    """Put the demo's policies in force, each from its first day on by its site's wall clock."""
    for row in timeline(yaml.safe_load(FILE.read_text(encoding="utf-8"))):
        site = sites[row.site] if row.site else None
        zone = site.tz if site else ZoneInfo(settings.TIME_ZONE)
        begins, ends = (day and datetime.combine(day, time(), zone) for day in (row.begins, row.ends))
        policies.adopt(
            KEY, row.content, effective=DateTimeTZRange(begins, ends), by=by, at=at, site=site,
            audience=row.audience, approved_by=APPROVED_BY,
        )  # fmt: skip
