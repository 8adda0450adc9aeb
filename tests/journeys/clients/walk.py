"""Books, moves and cancels by means of the client that openapi-python-client made; run as `walk.py URL TOKEN NAME`."""

import sys
from itertools import count
from uuid import uuid4

from meridian_client import AuthenticatedClient, Client
from meridian_client.api.appointments import (
    appointments_cancel,
    appointments_create,
    appointments_list,
    appointments_reschedule,
    appointments_retrieve,
)
from meridian_client.api.holds import holds_create
from meridian_client.api.me import me_retrieve
from meridian_client.api.patients import patients_search
from meridian_client.api.slots import slots_list
from meridian_client.models import (
    Appointment,
    AppointmentCreateRequest,
    BookingProblem,
    CancelReason,
    CancelRequest,
    Hold,
    HoldCreateRequest,
    PatientSearchRequest,
    Problem,
    RescheduleRequest,
    VisitKind,
)
from meridian_client.types import UNSET

url, token, name = sys.argv[1:]
dana = AuthenticatedClient(base_url=url, token=token, prefix="Token")
keys = (f"{uuid4()}-{number}" for number in count())


def code(answer, kind=Problem):
    assert type(answer) is kind, answer
    return answer.code


# who am I; and what somebody without a token is told
assert "scheduler" in {role.role.value for role in me_retrieve.sync(client=dana).roles}
assert code(me_retrieve.sync(client=Client(base_url=url))) == "not-authenticated"

# for whom
patient = patients_search.sync(client=dana, body=PatientSearchRequest(search=name)).results[0]

# free times, in pages
wish = {"therapy": "acu_manual", "visit": VisitKind.FOLLOWUP, "site": "lakeside"}
slots = slots_list.sync(client=dana, limit=3, **wish).results
later = slots_list.sync(client=dana, limit=3, after=slots[-1].id, **wish).results
assert [slot.start for slot in [*slots, *later]] == sorted(slot.start for slot in [*slots, *later])
assert {slot.id for slot in slots}.isdisjoint(slot.id for slot in later)

# hold and confirm; the same key answers the same
held = holds_create.sync(
    client=dana, idempotency_key=next(keys), body=HoldCreateRequest(slot=later[0].id, patient=patient.id)
)
assert isinstance(held, Hold), held
key = next(keys)
booked, again = (
    appointments_create.sync_detailed(
        client=dana, idempotency_key=key, body=AppointmentCreateRequest(hold=held.id, patient=patient.id)
    )
    for _ in range(2)
)
visit = booked.parsed
assert isinstance(visit, Appointment), visit
assert (again.parsed.id, again.headers["Idempotency-Replayed"]) == (visit.id, "true")
etag = booked.headers["ETag"]

# a time that is taken is refused with others in its place
refused = holds_create.sync(
    client=dana, idempotency_key=next(keys), body=HoldCreateRequest(slot=later[0].id, patient=patient.id)
)
assert code(refused, BookingProblem) in {"slot-taken", "patient-busy"}, refused
nobody = appointments_retrieve.sync(client=dana, id=uuid4())
assert code(nobody) == "not-found"
odd = slots_list.sync(client=dana, therapy="no_such_thing", visit=VisitKind.FIRST)
assert code(odd) == "not-offered"

# read again: unchanged
same = appointments_retrieve.sync_detailed(client=dana, id=visit.id, if_none_match=etag)
assert (same.status_code, same.parsed) == (304, None)

# move, unless somebody else was quicker
target = slots_list.sync(client=dana, limit=1, after=later[-1].id, moving=visit.id, **wish).results[0]
to = RescheduleRequest(slot=target.id)
moved = appointments_reschedule.sync_detailed(client=dana, id=visit.id, if_match=etag, body=to)
assert isinstance(moved.parsed, Appointment), moved.parsed
assert (moved.parsed.start, moved.parsed.version) == (target.start, visit.version + 1)
stale = appointments_reschedule.sync(client=dana, id=visit.id, if_match=etag, body=to)
assert code(stale) == "precondition-failed"
assert stale.etag == moved.headers["ETag"]

# list, in pages
seen, page = set(), 1
while page:
    found = appointments_list.sync(client=dana, patient=patient.id, page=page, page_size=1)
    seen |= {one.id for one in found.results}
    page = page + 1 if found.next_ else 0
assert len(seen) == found.count
assert visit.id in seen

# cancel; once is enough
why = CancelRequest(reason=CancelReason.PATIENT)
cancelled = appointments_cancel.sync(client=dana, id=visit.id, body=why, idempotency_key=next(keys))
assert cancelled.status.value == "cancelled", cancelled
twice = appointments_cancel.sync(client=dana, id=visit.id, body=why, idempotency_key=UNSET)
assert code(twice, BookingProblem) == "move-not-allowed"
