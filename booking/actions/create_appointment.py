"""How an appointment comes to be: from a hold, from a free slot, or on the waiting list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from booking.actions import booking_checks, holds, moves
from booking.actions.booking_checks import BookingCheck
from booking.actions.ledger import record, where_to
from booking.actions.move_effects import put_on
from booking.models import Appointment, Hold, Patient
from booking.queries import slot_held
from booking.status import MOVES, OCCUPYING, Move
from core.principal import Principal
from core.refusals import Invalid
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppointment:
    """What somebody asks to have booked. `until`: how long the time is kept while a check is awaited.

    `replacing`: an allocation of one's own that gives its time back for this one.
    """

    patient: Patient
    by: Principal
    at: datetime
    hold_id: UUID | None = None
    slot_id: str | None = None
    until: datetime | None = None
    override_reason: str = ""
    note: str = ""
    replaces: UUID | None = None
    replacing: UUID | None = None

    def create(self, what: Move) -> Appointment:
        """Make the appointment, inside the caller's unit."""
        hold = self._hold()
        moves.expire_lapsed(self.patient, at=self.at)
        slot = slot_held(hold) if hold else scheduler.slot(self.slot_id or "")
        if self.until is not None:
            booking_checks.ends_before(self.until, slot.start)
        patient = holds.lock_patient(self.patient)
        reason = booking_checks.clean_line(self.override_reason, pointer="/override_reason")
        check = BookingCheck(slot=slot, patient=patient, by=self.by, at=self.at, override_reason=reason).after(hold)
        overrode = booking_checks.check_booking(check)
        visit = self._draft(slot, patient, reason=check.override_reason if overrode else "")
        visit.status = MOVES[None, what]
        self._take(visit, hold, what, check)
        with booking_checks.one_place_at_a_time(visit, by=self.by, at=self.at, takes_time=visit.status in OCCUPYING):
            visit.save(force_insert=True)
        facts: dict[str, object] = {"to": where_to(slot)}
        if overrode:
            facts["overrode"] = [rule.value for rule in overrode]
        record(visit, what, before=None, by=self.by, at=self.at, facts=facts)
        return visit

    def _hold(self) -> Hold | None:
        if (self.hold_id is None) == (self.slot_id is None):
            raise Invalid(_("Give a slot or a hold."), pointer="/slot")
        if self.hold_id is None:
            return None
        hold = holds.own_hold(self.hold_id, by=self.by, at=self.at)
        if hold.moving_id is not None or hold.patient_id not in {None, self.patient.pk}:
            raise Invalid(_("This time is kept for something else."), pointer="/hold")
        return hold

    def _draft(self, slot: scheduler.Slot, patient: Patient, *, reason: str) -> Appointment:
        visit = Appointment(
            patient=patient,
            therapy_id=scheduler.booking_terms(slot.therapy).therapy_id,
            visit=slot.visit,
            kept_until=self.until,
            replaces=self._replaced(),
            override_reason=reason,
            note=booking_checks.clean_line(self.note, pointer="/note"),
            booked_by_id=self.by.user_id,
            created_at=self.at,
            updated_at=self.at,
        )
        put_on(visit, slot)
        return visit

    def _replaced(self) -> Appointment | None:
        if self.replaces is None:
            return None
        old = Appointment.objects.filter(public_id=self.replaces, patient=self.patient).first()
        if old is None:
            raise Invalid(_("There is no such appointment of this patient."), pointer="/replaces")
        return old

    def _take(self, visit: Appointment, hold: Hold | None, what: Move, check: BookingCheck) -> None:
        if hold is not None:
            holds.confirm(hold, at=self.at, until=self.until)
            visit.allocation, visit.place_id = hold.allocation, hold.place_id
            return
        visit.allocation = uuid4()
        if what is Move.WAIT:
            return
        claimed = scheduler.claim(
            visit.slot,
            allocation=visit.allocation,
            audience=check.audience,
            expires_at=self.until,
            at=self.at,
            replacing=self.replacing,
        )
        visit.place_id = claimed.place_id
