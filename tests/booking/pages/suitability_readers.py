"""Alice, who is asked before she books and says yes to something, and who may read that."""

import re
from dataclasses import replace

from django.test import Client

from booking.actions import appointments
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from core.rights import MATRIX, Action
from core.roles import STAFF, Role
from scheduler.models import Practitioner
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_person, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_place, make_room

NO = answered_no(shipped_rules())
BLOOD, SKULL, HELP = "anticoagulant", "skull_surgery_or_brain_metastasis", "transfer_help_or_cannot_lie_flat"

READERS = [role for role in STAFF if role in MATRIX[Action.READ_SCREENING_ANSWERS]]
TELLING = re.compile(r"\b(blood thinner|skull|anticoagulant|R16|R43|lie flat)\b", re.IGNORECASE)


def let_ask(site):
    """Let the clinic ask before booking."""
    adopt_suitability(site=site)
    make_place(make_room(site), "table", "hi-lo")
    return site


def visit_of(person, *said):
    """Let Alice ask for a time on Monday and say yes to something."""
    answers = replace(NO, answers=NO.answers | dict.fromkeys(said, "yes"))
    slot = read_slot(slot_id(Practitioner.objects.get(name="Grace Okoro"), chicago(12, 10)))
    return appointments.book(patient=person.record, by=person.principal, at=AT, slot=slot, answers=answers)


def the_door(visit):
    """Return where those stand who come on that day."""
    return [f"/desk/arrivals/?day={visit.period.lower:%Y-%m-%d}"]


def somebody(role, site):
    if role is Role.PATIENT:
        client = Client()
        client.force_login(make_person(site, "Mallory Moss").user)
        return client
    return sign_in(Client(), "somebody", role, site)
