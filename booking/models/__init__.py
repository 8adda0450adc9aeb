"""The tables of booking: people, their holds and appointments, and what was done to them."""

from booking.models.access_needs import AccessNeeds
from booking.models.appointments import Appointment, ReviewRequest
from booking.models.calendar_edits import CalendarEdit, EditKind
from booking.models.calendar_feeds import CalendarFeed
from booking.models.call_requests import CallRequest
from booking.models.calls import CallReason, CallTask
from booking.models.changes import Change
from booking.models.closure_notices import ClosureNews, ClosureNotice
from booking.models.contact_changes import ContactChange
from booking.models.families import FamilyLink, FamilyLinkChange
from booking.models.holds import Hold
from booking.models.leave_requests import LeaveRequest
from booking.models.linked_questions import LinkedQuestion, QuestionAnswer
from booking.models.linked_visits import CancelPolicy, LinkAct, LinkedVisits, LinkedVisitsChange
from booking.models.links import ManageLink
from booking.models.meeting_times import MeetingTime
from booking.models.message_preferences import MessagePreferences
from booking.models.patients import ContactPoint, Enrolment, Patient
from booking.models.possible_duplicates import PossibleDuplicate
from booking.models.practitioner_screening import AbsenceDecision, FitnessDecision, PractitionerScreening
from booking.models.proofs import Proof
from booking.models.proposal_requests import ProposalRequest
from booking.models.record_changes import RecordAct, RecordChange
from booking.models.record_merges import RecordMerge
from booking.models.referrals import Referral, ReferralStatus
from booking.models.reservations import Reservation, Seat, SeatAct, SeatChange, SeatState
from booking.models.screening import ReviewNews, ScreeningDecision, ScreeningResponse
from booking.models.screening_reviews import ScreeningReview
from booking.models.suitability import Clearance, LabKind, LabValue, SuitabilityResponse
from booking.models.table_imports import TableImport
from booking.models.unusual import UnusualBooking
from booking.models.waiting_list import WaitingListCall, WaitingListChange, WaitingListEntry, WaitingListOffer

__all__ = [
    "AbsenceDecision",
    "AccessNeeds",
    "Appointment",
    "CalendarEdit",
    "CalendarFeed",
    "CallReason",
    "CallRequest",
    "CallTask",
    "CancelPolicy",
    "Change",
    "Clearance",
    "ClosureNews",
    "ClosureNotice",
    "ContactChange",
    "ContactPoint",
    "EditKind",
    "Enrolment",
    "FamilyLink",
    "FamilyLinkChange",
    "FitnessDecision",
    "Hold",
    "LabKind",
    "LabValue",
    "LeaveRequest",
    "LinkAct",
    "LinkedQuestion",
    "LinkedVisits",
    "LinkedVisitsChange",
    "ManageLink",
    "MeetingTime",
    "MessagePreferences",
    "Patient",
    "PossibleDuplicate",
    "PractitionerScreening",
    "Proof",
    "ProposalRequest",
    "QuestionAnswer",
    "RecordAct",
    "RecordChange",
    "RecordMerge",
    "Referral",
    "ReferralStatus",
    "Reservation",
    "ReviewNews",
    "ReviewRequest",
    "ScreeningDecision",
    "ScreeningResponse",
    "ScreeningReview",
    "Seat",
    "SeatAct",
    "SeatChange",
    "SeatState",
    "SuitabilityResponse",
    "TableImport",
    "UnusualBooking",
    "WaitingListCall",
    "WaitingListChange",
    "WaitingListEntry",
    "WaitingListOffer",
]
