"""What other apps may use of time: when there is time, and the claims on it."""

from scheduler.actions.calendars import Impact, add_absence, change_absence, remove_absence
from scheduler.actions.claims import (
    Claimed,
    ClaimRequest,
    claim,
    lapse,
    lock_sheets,
    postpone,
    release,
    retire_expired,
    take_over,
)
from scheduler.actions.closing import close_from, open_from
from scheduler.audience import Audience, ReviewReason, ReviewTime, reviews_of, window_of
from scheduler.business_days import BusinessDays
from scheduler.calendars.closed_times import EVERY_THERAPY, ClosedTime
from scheduler.calendars.own_calendar import first_site_of, practitioner_of
from scheduler.calendars.site_opening import opening_periods
from scheduler.catalogue import BookingTerms, PractitionerCard, SiteCard
from scheduler.catalogue.booking_terms import (
    all_booking_terms,
    booking_terms,
    business_days,
    has_place,
    kind_left,
    known_therapies,
    needs_place,
    place_has,
    policies_in_force,
    policy,
    policy_if_any,
    policy_since,
    self_bookable,
    self_bookable_anywhere,
    techniques,
    therapy_names,
)
from scheduler.catalogue.checks import features as place_features
from scheduler.catalogue.families import TherapyFamily, families
from scheduler.catalogue.fixture_files import fixture
from scheduler.catalogue.offered_therapies import (
    ClosedTherapy,
    Offered,
    TherapyCard,
    closed_ahead,
    offered,
    therapies,
)
from scheduler.catalogue.values import has_features
from scheduler.errors import (
    ClaimLapsed,
    ClosedThen,
    NoSuitablePlace,
    NotOffered,
    NotOpenYet,
    SlotTaken,
    TechniqueNeeded,
    UnknownPractitioner,
    UnknownSlot,
)
from scheduler.models.calendars import AbsenceReason
from scheduler.models.catalogue import VisitType
from scheduler.search.claimed_plans import EarlierClaim
from scheduler.search.explanations import closed_ahead_at, closed_at, closed_in_words, explain, reopens_at
from scheduler.search.queries import alternatives, audiences, days, each_start, first, search, sites, window
from scheduler.search.search_query import DayLoad, Explanation, SearchQuery, UnavailableReason
from scheduler.search.set_query import Anchor, PersonQuery, Relation, SetQuery, Side, SlotSet
from scheduler.search.sets import sets
from scheduler.search.slot_ids import Slot, SlotKey, slot, was_offered
from scheduler.sheets.uncovered_claims import NO_EDIT_SINCE, edits, uncovered_allocations

__all__ = [
    "EVERY_THERAPY",
    "NO_EDIT_SINCE",
    "AbsenceReason",
    "Anchor",
    "Audience",
    "BookingTerms",
    "BusinessDays",
    "ClaimLapsed",
    "ClaimRequest",
    "Claimed",
    "ClosedThen",
    "ClosedTherapy",
    "ClosedTime",
    "DayLoad",
    "EarlierClaim",
    "Explanation",
    "Impact",
    "NoSuitablePlace",
    "NotOffered",
    "NotOpenYet",
    "Offered",
    "PersonQuery",
    "PractitionerCard",
    "Relation",
    "ReviewReason",
    "ReviewTime",
    "SearchQuery",
    "SetQuery",
    "Side",
    "SiteCard",
    "Slot",
    "SlotKey",
    "SlotSet",
    "SlotTaken",
    "TechniqueNeeded",
    "TherapyCard",
    "TherapyFamily",
    "UnavailableReason",
    "UnknownPractitioner",
    "UnknownSlot",
    "VisitType",
    "add_absence",
    "all_booking_terms",
    "alternatives",
    "audiences",
    "booking_terms",
    "business_days",
    "change_absence",
    "claim",
    "close_from",
    "closed_ahead",
    "closed_ahead_at",
    "closed_at",
    "closed_in_words",
    "days",
    "each_start",
    "edits",
    "explain",
    "families",
    "first",
    "first_site_of",
    "fixture",
    "has_features",
    "has_place",
    "kind_left",
    "known_therapies",
    "lapse",
    "lock_sheets",
    "needs_place",
    "offered",
    "open_from",
    "opening_periods",
    "place_features",
    "place_has",
    "policies_in_force",
    "policy",
    "policy_if_any",
    "policy_since",
    "postpone",
    "practitioner_of",
    "release",
    "remove_absence",
    "reopens_at",
    "retire_expired",
    "reviews_of",
    "search",
    "self_bookable",
    "self_bookable_anywhere",
    "sets",
    "sites",
    "slot",
    "take_over",
    "techniques",
    "therapies",
    "therapy_names",
    "uncovered_allocations",
    "was_offered",
    "window",
    "window_of",
]
