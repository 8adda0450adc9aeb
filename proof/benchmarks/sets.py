"""Times for three people who come together, against the plain search for one of them over the same days."""

from datetime import datetime, timedelta

from core import clock
from proof.benchmarks.rounds import Result, ratio, take_turns
from proof.benchmarks.search import search_query
from scheduler import public as scheduler

DAYS, SHOWN = 14, 10
PEOPLE = ("acu_manual", "cup_dry", "acupressure")
STAGGER, GAP = timedelta(minutes=20), timedelta(minutes=15)


def run(*, rounds: int) -> list[Result]:
    """Measure sets at the same minute, a few minutes apart, in a row, and for people who want the same."""
    at = clock.now()
    start = at + timedelta(hours=5)
    same, row = scheduler.Relation.SAME_TIME, scheduler.Relation.BACK_TO_BACK
    rivals = {
        "search": lambda: scheduler.search(search_query(start, DAYS), at=at),
        "same": lambda: scheduler.sets(set_query(start, same), at=at),
        "apart": lambda: scheduler.sets(set_query(start, same, within=STAGGER), at=at),
        "row": lambda: scheduler.sets(set_query(start, row, within=GAP), at=at),
        "alike": lambda: scheduler.sets(set_query(start, same, people=(PEOPLE[0],) * 3), at=at),
        "all": lambda: scheduler.sets(set_query(start, same, limit=1000), at=at),
    }
    found = take_turns(rivals, rounds=rounds, each=4)
    base = found["search"].p50

    def against(what: str, name: str, *, most: float | None = 3) -> Result:
        return ratio(what, found[name].p50 / base, most=most, told=f"{found[name].p50:.1f} ms")

    return [
        Result(f"plain search, all practitioners, {DAYS} days, first 50", f"{base:.1f} ms"),
        against("three therapies at the same minute ÷ plain search", "same"),
        against("  up to twenty minutes apart", "apart"),
        against("  in a row, fifteen minutes of waiting", "row"),
        against("three people who want the same", "alike"),
        against("three therapies, every set of the days", "all", most=None),
    ]


def set_query(
    start: datetime,
    relation: scheduler.Relation,
    *,
    within: timedelta = timedelta(),
    people: tuple[str, ...] = PEOPLE,
    limit: int = SHOWN,
) -> scheduler.SetQuery:
    """Return a search by staff for people who want these therapies."""
    visit, audience = scheduler.VisitType.FOLLOWUP, scheduler.Audience.STAFF
    return scheduler.SetQuery(
        people=tuple(scheduler.PersonQuery(therapy=one, visit=visit, audience=audience) for one in people),
        relation=relation,
        starts_at=start,
        ends_at=start + timedelta(days=DAYS),
        within=within,
        limit=limit,
    )
