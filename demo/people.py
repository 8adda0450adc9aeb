"""Who signs in at the demo clinic, and the patients it has."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from booking.actions.patients import patients
from booking.models import Enrolment, Patient
from core.management.command_lines import command_line
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.roles import Role
from demo.clinic import HOURS_HOLD_SINCE
from demo.definition import definition
from scheduler.models import Practitioner

PASSWORD = settings.DEMO_PASSWORD
SITE_OF_PATIENTS = "lakeside"
FIRST = (
    "Anna", "Beatriz", "Carla", "Daniel", "Edith", "Felix", "Gloria", "Hugo", "Irene", "Jakub", "Karen", "Leon",
    "Maria", "Noah", "Olga", "Peter", "Quinn", "Ruth", "Samir", "Tara",
    "Umar", "Vera", "Walter", "Xin", "Yusuf", "Zofia",
)  # fmt: skip
LAST = (
    "Adams", "Bauer", "Castillo", "Dvorak", "Evans", "Fischer", "Garcia", "Hansen", "Ibrahim", "Jones", "Kim",
    "Lopez", "Miller", "Novak", "Ortiz", "Park", "Reyes", "Santos", "Taylor", "Ueda", "Vargas", "Wang",
    "Young", "Zielinski",
)  # fmt: skip
LANGUAGES = ("en",) * 12 + ("es",) * 4 + ("pl", "zh-Hans", "ar", "ru")

AccountData = Mapping[str, Any]
"""A person as the definition tells of them."""


class NoDemo(Exception):  # noqa: N818  (a refusal, said in one sentence)
    """The demo's accounts are wanted where no demo is."""


def accounts() -> list[AccountData]:
    """Return the demo accounts as defined. Raises NoDemo where this is not a demo."""
    if not settings.DEMO:
        raise NoDemo("This is not a demo: set MERIDIAN_DEMO=true to use the demo accounts.")
    people: list[AccountData] = definition()["people"]
    return people


def account(key: str) -> User:
    """Return a demo account. Raises NoDemo for names that are none of ours, or where nothing is loaded."""
    known = [data["key"] for data in accounts()]
    if key not in known:
        raise NoDemo(f"There is no demo account {key!r}. There are: {', '.join(known)}.")
    user = User.objects.filter(username=key).first()
    if user is None:
        raise NoDemo(f"The demo clinic is not loaded: run {command_line('load_demo')}.")
    return user


def welcome(sites: Mapping[str, Site], staff: Mapping[str, Practitioner], *, at: datetime) -> dict[str, User]:
    """Make the accounts with their roles; return them by key. One hash serves all: hashing is slow on purpose."""
    password = make_password(PASSWORD)
    return {data["key"]: welcome_one(data, sites, staff, password=password, at=at) for data in accounts()}


def welcome_one(
    data: Mapping[str, Any],
    sites: Mapping[str, Site],
    staff: Mapping[str, Practitioner],
    *,
    password: str,
    at: datetime,
) -> User:
    """Make one account: name, roles per site, the practitioner whose calendar is theirs."""
    first, _, last = data["name"].rpartition(" ")
    user = User.objects.create(
        username=data["key"],
        first_name=first,
        last_name=last,
        email=f"{data['key']}@example.org",
        password=password,
        is_staff=data.get("staff", False),
        is_demo=True,
    )
    where: list[Site | None] = [sites[key] for key in data.get("sites", [])]
    since = at - HOURS_HOLD_SINCE
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role=Role(role), site=site, starts_at=since)
        for role in (data["role"], *data.get("also", ()))
        for site in where or [None]
    )
    if key := data.get("practitioner"):
        Practitioner.objects.filter(pk=staff[key].pk).update(user=user)
    return user


def own_records(
    users: Mapping[str, User], sites: Mapping[str, Site], *, by: Principal, at: datetime
) -> dict[str, Patient]:
    """Give those who sign in as patients or relatives their records; return these by key."""
    return {
        data["key"]: patients.register(
            name=data["name"],
            birth_date=data["born"],
            email=f"{data['key']}@example.org",
            site=sites[SITE_OF_PATIENTS],
            by=by,
            at=at,
            language=data["language"],
            user=users[data["key"]],
        )
        for data in accounts()
        if "born" in data
    }


def enrol(known: Mapping[str, Patient], sites: Mapping[str, Site]) -> None:
    """Enrol the patients who sign in, so that program staff has somebody to look after."""
    members = [known["patient"], known["patient2"]]
    Enrolment.objects.bulk_create(Enrolment(patient=p, site=sites[SITE_OF_PATIENTS]) for p in members)


def others(chance: random.Random, site: Site, *, by: Principal, at: datetime) -> Iterator[Patient]:
    """Register made-up patients, one each time that one is asked for."""
    number = 0
    while True:
        number += 1
        first, last = chance.choice(FIRST), chance.choice(LAST)
        yield patients.register(
            name=f"{first} {last}",
            birth_date=date(1940, 1, 1) + timedelta(days=chance.randrange(65 * 365)),
            email=f"{first}.{last}.{number}@example.org".lower(),
            site=site,
            by=by,
            at=at,
            language=chance.choice(LANGUAGES),
        )
