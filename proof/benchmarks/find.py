"""Finding somebody among all people of a clinic, against the bare driver that reads every name for a part of it.

That is what a search without words of its own does; it knows no order, no other script and no slip.
"""

import random
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.test import Client

from booking.models import ContactPoint, Patient
from booking.models.patients import ContactSystem
from core import clock
from core.models import RoleAssignment, Site, User
from core.roles import Role
from core.text.folding import fold
from proof.benchmarks.database import address
from proof.benchmarks.people import SEED, populate
from proof.benchmarks.rounds import Result, Timing, take_turns

EVERY_NAME = """
SELECT p.id, p.name, p.birth_date FROM booking_patient p
WHERE p.folded_name LIKE '%%' || %s || '%%' ORDER BY p.name LIMIT 20
"""
AT_MOST_MS = 150
MANY = 40
"""So many people are looked for in turn: a common name and a rare one cost differently."""


def run(*, rounds: int) -> list[Result]:
    """Measure finding by what people say at the desk, through the whole page."""
    count, client = populate(at=clock.now()), _desk()
    line = psycopg.connect(**address(), autocommit=True)
    asked = {what: _in_turn(client, typed) for what, typed in typed_at_the_desk().items()}
    words = _endless([fold(name).split()[-1] for name in _some_names()])
    with line:
        rivals: dict[str, Callable[[], object]] = {"bare": lambda: line.execute(EVERY_NAME, [next(words)]).fetchall()}
        return report(take_turns(rivals | asked, rounds=rounds, each=MANY // rounds + 1), count)


def report(found: dict[str, Timing], count: int) -> list[Result]:
    """Return of each way of asking how long it takes, also of the slowest hundredth, and its ratio to the baseline."""
    base = found["bare"].p50
    lines = [Result(f"bare driver, part of a name, {count:,} people", f"{base:.1f} ms")]
    for what, timing in found.items():
        if what != "bare":
            told = f"{timing.p50:.0f} ms, p99 {timing.p99:.0f} ms, {timing.p50 / base:.1f} × bare"
            lines.append(Result(what, told, f"≤ {AT_MOST_MS} ms", timing.p50 <= AT_MOST_MS))
    return lines


def typed_at_the_desk() -> dict[str, list[str]]:
    """Return what is typed about the same people, by how they are looked for."""
    chance, people = random.Random(SEED), _some()
    phones = dict(
        ContactPoint.objects.filter(patient__in=people, system=ContactSystem.PHONE).values_list("patient", "value")
    )
    return {
        "both names, turned round": [" ".join(reversed(one.name.split())) for one in people],
        "a family name, begun": [one.name.split()[-1][:5] for one in people],
        "both names, a slip in one": [_with_slip(one.name, chance) for one in people],
        "a family name alone, with a slip": [_with_slip(one.name.split()[-1], chance) for one in people],
        "nobody": [f"{one.name.split()[0]}zz {one.name.split()[-1]}qxq" for one in people],
        "a birth date": [f"{one.birth_date:%m/%d/%Y}" for one in people],
        "the end of a phone number": [phones[one.pk][-7:] for one in people if one.pk in phones],
        "a reference": [one.reference for one in people],
    }


def _some() -> list[Patient]:
    found = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
    return list(Patient.objects.filter(pk__in=random.Random(SEED).sample(found, MANY)).order_by("pk"))


def _some_names() -> list[str]:
    return [one.name for one in _some()]


def _with_slip(name: str, chance: random.Random) -> str:
    """Return a name with one letter left out, doubled, changed or turned round with the next."""
    place = chance.randrange(1, len(name) - 1)
    one, other = name[place], name[place + 1]
    instead = chance.choice(["", one * 2, chance.choice("aeioutnrs"), other + one])
    return name[:place] + instead + name[place + (2 if instead == other + one else 1) :]


def _endless(texts: list[str]) -> Any:  # noqa: ANN401  (an iterator)
    while True:
        yield from texts


def _in_turn(client: Client, texts: list[str]) -> Callable[[], object]:
    """Return a call of the whole page, each time with the next text, through everything but the socket."""
    turn = _endless(texts)

    def ask() -> None:
        answer = client.get("/desk/find/", {"find": next(turn)})
        if answer.status_code != 200:  # noqa: PLR2004  (HTTP)
            raise RuntimeError(str(answer.status_code))

    return ask


def _desk() -> Client:
    """Return the browser of a scheduler of the clinic."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    at, client = clock.now(), Client()
    user, _new = User.objects.get_or_create(username="bench-scheduler")
    site = Site.objects.get(key="bench")
    RoleAssignment.objects.get_or_create(user=user, role=Role.SCHEDULER, site=site, defaults={"starts_at": at})
    client.force_login(user)
    return client
