"""The day board: how soon it is there, how much of it travels, what a look costs, and forty of them beside booking."""

import gzip
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from booking.models import Appointment, Patient
from core import clock
from core.models import RoleAssignment, Site, User
from core.roles import Role
from proof.benchmarks import booking
from proof.benchmarks.bookings import Stock, restore, stock
from proof.benchmarks.clinic import CLOSES, HANDS, LANE, OPENS, PLACE, RASTER, ZONE
from proof.benchmarks.database import address as database_address
from proof.benchmarks.rounds import Result, Timing, median_of, ratio, take_turns
from proof.benchmarks.server import serving
from scheduler.actions import catalogue, sheets
from scheduler.models import Claim, Practitioner, Resource, Room, Therapy, WorkingHours
from scheduler.models.resources import ResourceKind

SIZES = (12, 40)
VISITS_A_DAY, EACH = 7, 48
BOARDS, EVERY = 40, 3.0
FIRST_NEWS, NEWS_EVERY = 6.0, 20.0
"""Seconds. Forty who treat have some 1,500 acts on a day of ten hours: one in 24 seconds. A round of bookings lasts
about as long as that, so that there is one change in each."""

KILOBYTES, A_SECOND = 45, 1000
FILES = (
    "core/meridian.css",
    "core/board.css",
    "core/board_grid.js",
    "core/board.js",
    "core/board_queue.js",
    "core/board_length.js",
    "core/board_drag.js",
)
FOUND, UNCHANGED = 200, 304
NEWS = """UPDATE booking_appointment SET updated_at = now() WHERE id = (
SELECT min(visit.id) FROM booking_appointment AS visit JOIN core_site ON core_site.id = visit.site_id
WHERE core_site.key = %s)"""


def run(*, rounds: int) -> list[Result]:
    """Measure the board of twelve and of forty practitioners, and booking beside forty boards that look for news."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    day = _weekday(clock.now().astimezone(ZONE).date() + timedelta(days=1))
    for number in SIZES:
        close(number)  # an earlier run was broken off
        fill(number, day)
    prepared = stock(booking.CLIENTS * EACH)  # later: what is written from now on is taken away before each round
    try:
        return list(measured(dana(), day, prepared, rounds=rounds))
    finally:
        for number in SIZES:
            close(number)


def measured(browser: Client, day: date, prepared: Stock, *, rounds: int) -> Iterator[Result]:
    """Measure the boards alone, and booking beside them."""
    rivals = {f"{what} {number}": asks(browser, what, number, day) for number in SIZES for what in ("page", "look")}
    found = take_turns(rivals, rounds=rounds, each=3)
    yield from _alone(browser, found, day)
    yield from _beside(browser, day, prepared, rounds=rounds)


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.isoweekday()) + 1) if day.isoweekday() > 5 else day  # noqa: PLR2004


def fill(number: int, day: date) -> None:
    """Make a site with so many practitioners, and give each of them a full day."""
    site = Site.objects.create(
        key=f"board-{number}", name={"en": f"Board {number}"}, zone="America/Chicago", street="1 Bench Street",
        city="Chicago", state="IL", postal_code="60601", phone="(312) 555-0198",
    )  # fmt: skip
    catalogue.open_site(site, weekdays=range(1, 6), opens=OPENS, closes=CLOSES)
    places = []
    for room in range(number):
        made = Room.objects.create(site=site, key=f"r{room}", name={"en": f"Room {room}"}, suite="s")
        places.append(catalogue.add_place(made, key="b", features=["table"]))
    staff = [
        catalogue.add_practitioner(f"Board {number} {n:02}", sites=[site], nucc="171100000X", lanes=1)
        for n in range(number)
    ]
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=who, site=site, weekday=one, starts=OPENS, ends=CLOSES, valid_from=day)
        for who in staff
        for one in range(1, 6)
    )
    sheets.extend(at=clock.now(), days=21)
    for who, place in zip(staff, places, strict=True):
        _book(site, who, place, day)


def close(number: int) -> None:
    """Take a site away again with all that is in it: other parts know one site."""
    site = Site.objects.filter(key=f"board-{number}")
    staff = Practitioner.objects.filter(resources__sites__in=site)
    Claim.objects.filter(resource__sites__in=site).delete()
    Appointment.objects.filter(site__in=site).delete()
    Patient.objects.filter(site__in=site).delete()
    Practitioner.objects.filter(pk__in=list(staff.values_list("pk", flat=True))).delete()
    Room.objects.filter(site__in=site).delete()
    site.delete()


def _book(site: Site, who: Practitioner, place: Any, day: date) -> None:  # noqa: ANN401  (a row of the scheduler's)
    taken = {one.kind: one for one in Resource.objects.filter(practitioner=who)} | {ResourceKind.PLACE: place.resource}
    parts = [(ResourceKind.HANDS, HANDS[0]), (ResourceKind.HANDS, HANDS[1]), (ResourceKind.LANE, LANE)]
    therapy, at = Therapy.objects.get(key="acu_manual"), clock.now()
    for nth in range(VISITS_A_DAY):
        start = datetime.combine(day, OPENS, ZONE) + timedelta(minutes=RASTER * nth)
        patient = Patient.objects.create(
            name=f"Patient {who.pk}-{nth} Montgomery", birth_date=date(1960, 1, 1), site=site, created_at=at
        )
        visit = Appointment.objects.create(
            patient=patient, practitioner=who, therapy=therapy, visit="followup", site=site, place=place,
            period=(start, start + timedelta(minutes=60)), status="booked", allocation=uuid4(), created_at=at,
            updated_at=at,
        )  # fmt: skip
        Claim.objects.bulk_create(
            Claim(
                allocation=visit.allocation,
                resource=taken[kind],
                period=(start + timedelta(minutes=first), start + timedelta(minutes=last)),
            )
            for kind, (first, last) in [*parts, (ResourceKind.PLACE, PLACE)]
        )


def dana() -> Client:
    """Return the browser of somebody who sees all of these boards."""
    user, _made = User.objects.get_or_create(username="bench-dana")
    for site in Site.objects.all():
        RoleAssignment.objects.get_or_create(
            user=user, role=Role.SCHEDULER, site=site, defaults={"starts_at": clock.now() - timedelta(days=1)}
        )
    browser = Client()
    browser.force_login(user)
    return browser


def address(what: str, number: int, day: date) -> str:
    """Return where a board is, or what is new on it."""
    return {"page": "/desk/", "look": "/desk/board/changes/"}[what] + f"?site=board-{number}&day={day}"


def asks(browser: Client, what: str, number: int, day: date) -> Any:  # noqa: ANN401  (a call)
    """Return a call that opens a board, or looks for news on one that nobody has changed."""
    where = address(what, number, day)
    headers = {"If-None-Match": browser.get(where)["ETag"]} if what == "look" else {}

    def ask() -> None:
        status = browser.get(where, headers=headers).status_code
        if status != (UNCHANGED if headers else FOUND):
            raise RuntimeError(f"{where}: {status}")

    return ask


def _alone(browser: Client, found: dict[str, Timing], day: date) -> Iterator[Result]:
    files = sum(_travels(_file(name)) for name in FILES)
    for number in SIZES:
        page, look = found[f"page {number}"], found[f"look {number}"]
        size = (_travels(browser.get(address("page", number, day)).content) + files) / 1000
        told = f"{page.p50:.0f} ms"
        yield ratio(f"board of {number}: the whole answer ÷ a second", page.p50 / A_SECOND, most=1, told=told)
        most = KILOBYTES if number == SIZES[0] else None
        yield ratio("  kB that travel for it, style and script included", size, most=most)
        yield ratio("  a look at what is as it was ÷ the board", look.p50 / page.p50, told=f"{look.p50:.1f} ms")


def _file(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()


def _travels(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def _beside(browser: Client, day: date, prepared: Stock, *, rounds: int) -> list[Result]:
    """Measure booking alone and beside forty boards, in turns."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    alone, beside = list[float](), list[float]()
    with serving() as base_url:
        booking.over_http(prepared, base_url)
        for _ in range(rounds):
            restore()
            alone.append(booking.over_http(prepared, base_url).whole)
            restore()
            with boards(base_url, address("look", SIZES[1], day), cookie) as looked:
                beside.append(booking.over_http(prepared, base_url).whole)
    restore()
    slower = [there / here for there, here in zip(beside, alone, strict=True)]
    told = f"{len(looked)} looks, {looked.count(UNCHANGED)} without news, in the last round"
    return [
        ratio(f"booking beside {BOARDS} boards ÷ alone, seconds", median_of(slower), most=1.2, told=told),
        Result("  rounds", " ".join(f"{one:.2f}" for one in slower)),
    ]


@dataclass(frozen=True, slots=True)
class Board:
    """One that is open: where, whose, and after how many seconds it looks first."""

    base_url: str
    path: str
    cookie: str
    first: float


@contextmanager
def boards(base_url: str, path: str, cookie: str) -> Iterator[list[int]]:
    """Let forty boards look for news every three seconds, as their script does; yield what they are answered."""
    closed, answers = threading.Event(), list[int]()
    threads = [
        threading.Thread(target=_looks, args=(Board(base_url, path, cookie, EVERY * n / BOARDS), closed, answers))
        for n in range(BOARDS)
    ]
    threads.append(threading.Thread(target=_acts, args=(closed,)))
    for thread in threads:
        thread.start()
    time.sleep(EVERY + 1)  # each has its board by now
    answers.clear()
    try:
        yield answers
    finally:
        closed.set()
        for thread in threads:
            thread.join()


def _acts(closed: threading.Event) -> None:
    """Change something on the board every few seconds, of which all of them hear."""
    with psycopg.connect(**database_address(), autocommit=True) as line:
        wait = FIRST_NEWS
        while not closed.wait(wait):
            wait = NEWS_EVERY
            line.execute(NEWS, [f"board-{SIZES[1]}"])


def _looks(board: Board, closed: threading.Event, answers: list[int]) -> None:
    line, etag = HTTPConnection(urlsplit(board.base_url).netloc, timeout=30), ""
    wait: Iterable[float] = iter([board.first])
    while not closed.wait(next(iter(wait), EVERY)):
        headers = {"Cookie": board.cookie, "X-Poll": "1", "Accept-Encoding": "gzip"} | (
            {"If-None-Match": etag} if etag else {}
        )
        line.request("GET", board.path, headers=headers)
        answer = line.getresponse()
        answer.read()
        etag = answer.headers.get("ETag", etag)
        answers.append(answer.status)
    line.close()
