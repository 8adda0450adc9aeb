"""Each page and address that knows how Alice stands, and what it tells over what she may have answered."""

import re

from django.db import transaction
from django.test import Client
from django.urls import reverse

from booking.actions.screening import screening_reviews
from booking.models import Appointment, ScreeningResponse
from booking.web.slot_ids import sealed
from core import clock as core_clock
from notifications.actions import dispatch
from scheduler.actions import calendars
from scheduler.models import Practitioner
from tests.booking.pages.walk import as_seen
from tests.factories.booking import SYSTEM, chicago, slot_id

DAY = 24 * 60 * 60
COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
ANSWERS = {
    "well": {"none": "1"},
    "household": {"household_positive_10d": "on"},
    "usual": {f"{COUGH}-usual": "on"},
    "approved": {f"{COUGH}-usual": "on"},
    "positive": {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"},
    "emergency": {"emergency": "on"},
}
AT_THE_DOOR = ("well", "usual", "positive")
TOLD_OR_CALLED = ("well", "positive", "approved", "emergency")
"""Of the first nothing is told; the others lead to a mail with links, to one about a decision, and to a call."""

CALLS_AND_MESSAGES = ("/admin/booking/calltask/", "/api/v1/messages/")
CHANGING = re.compile(
    r'(csrfmiddlewaretoken|slot)" value="[^"]+"|nonce="[^"]+"|data-(?:seen|etag)="[^"]+"'
    r'|[0-9a-f]{8}-[0-9a-f-]{27}|"id":\d+'
)


class Doors:
    """What somebody gets from each page and address that knows how Alice stands."""

    def __init__(self, client: Client) -> None:
        self.client, self.visit = client, Appointment.objects.earliest("pk")
        self.key = str(self.visit.public_id)

    def everything(self) -> dict[str, str]:
        door = self.at_the_door()  # while the time is open still
        day = {"first_on": self.visit.period.lower.date(), "last_on": self.visit.period.lower.date()}
        made = calendars.add_closure(self.visit.site, name="Ventilation", **day, by=SYSTEM, at=core_clock.now())
        closure = reverse("desk-closure", args=[made.row.public_id])
        slot = slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(7, 10), visit="followup")
        moving = {"slot": slot, "moving": self.key}
        acts = {
            "hold": ("/api/v1/holds/", moving, {"content_type": "application/json"}),
            "another time": (
                reverse("desk-another-time", args=[self.key]),
                as_seen(self.visit) | {"slot": sealed(slot)},
                {},
            ),
            "propose": (f"{closure}propose/", {"appointment": self.key}, {}),
            "propose then": (f"{closure}propose/", {"appointment": self.key, "slot": sealed(slot)}, {}),
        }
        pages = [
            closure,
            f"{closure}?times={self.key}",
            f"/api/v1/slots/?therapy=acu_manual&visit=followup&moving={self.key}",
            f"/api/v1/slots/{slot}/?moving={self.key}",
            reverse("desk-questions", args=[self.key]),
            reverse("desk-another-time", args=[self.key]),
            reverse("desk-walk-in-done", args=[self.key]),
            reverse("desk-screening-reviews"),
            reverse("desk-to-do"),
            f"{reverse('desk')}?day={day['first_on']}",
            f"{reverse('desk-my-day')}?day={day['first_on']}",
            f"{reverse('desk-leave')}?first={day['first_on']}",
            reverse("admin:booking_calltask_changelist"),
            reverse("admin:booking_appointment_change", args=[self.visit.pk]),
            "/api/v1/appointments/",
            f"/api/v1/appointments/{self.key}/",
            f"/api/v1/appointments/{self.key}/changes/",
            "/api/v1/messages/",
            "/api/v1/screening/reviews/",
            f"/api/v1/screening/questions/?appointment={self.key}",
        ]
        found = {page.replace(str(made.row.public_id), ""): self.read(self.client.get(page)) for page in pages}
        found |= {act: self.undone(path, sent, **how) for act, (path, sent, how) in acts.items()}
        return found | door

    def calls_and_messages(self) -> dict[str, str]:
        return {page: self.read(self.client.get(page)) for page in CALLS_AND_MESSAGES}

    def of_a_relative(self) -> dict[str, str]:
        pages = [
            "/api/v1/appointments/",
            f"/api/v1/appointments/{self.key}/",
            f"/api/v1/appointments/{self.key}/changes/",
            f"/api/v1/slots/?therapy=acu_manual&visit=followup&moving={self.key}",
            f"/api/v1/screening/questions/?appointment={self.key}",
            reverse("desk-questions", args=[self.key]),
            reverse("desk-screening-reviews"),
            reverse("desk-calls"),
            reverse("desk-to-do"),
            reverse("desk-appointment", args=[self.key]),
            reverse("desk-patient", args=[self.visit.patient.public_id]),
        ]
        return {page: self.read(self.client.get(page)) for page in pages}

    def at_the_door(self) -> dict[str, str]:
        page = reverse("desk-arrivals")
        found = {page: self.read(self.client.get(page))}
        said = {"appointment": self.key, "answers": {}}
        headers = {"If-Match": "*"}
        for act, sent in {"answers": said, "rechecks": said}.items():
            found[act] = self.undone(f"/api/v1/screening/{act}/", sent, content_type="application/json")
        check_in = f"/api/v1/appointments/{self.key}/check-in/"
        found["check-in"] = self.undone(check_in, {}, content_type="application/json", headers=headers)
        press = reverse("desk-attend", args=[self.key, "check-in"])
        found["press"] = self.undone(press, as_seen(self.visit) | {"nothing_new": "1"})
        return found

    def undone(self, path, sent, **how) -> str:
        with transaction.atomic():
            said = self.read(self.client.post(path, sent, **how))
            transaction.set_rollback(True)
        return said

    def read(self, response) -> str:
        said = f"{response.status_code} {response.get('Location', '')} {response.content.decode()}"
        return CHANGING.sub("", said)


def told_by_each_door(alice, visit, client, outcomes=AT_THE_DOOR, which=Doors.at_the_door) -> dict[str, set[str]]:
    """Return what each door tells, over what Alice may have answered."""
    found: dict[str, set[str]] = {}
    for outcome in outcomes:
        with transaction.atomic():
            assert alice.post(f"{visit}screening/", ANSWERS[outcome]).status_code == 302
            if outcome == "approved":
                answers = ScreeningResponse.objects.get()
                screening_reviews.approve(answers.public_id, masked=False, by=SYSTEM, at=core_clock.now())
            if outcomes is not AT_THE_DOOR:
                dispatch.run(now=core_clock.now)
            for door, text in which(Doors(client)).items():
                found.setdefault(door, set()).add(text)
            transaction.set_rollback(True)
    return found


def telling(doors: dict[str, set[str]]) -> set[str]:
    return {door for door, texts in doors.items() if len(texts) > 1}
