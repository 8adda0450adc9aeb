"""What other apps may use of time: when there is time, and the claims on it."""

from scheduler.actions.claims import Claimed, claim, lapse, postpone, release, retire_expired, take_over
from scheduler.catalogue import PractitionerCard, SiteCard, Terms
from scheduler.catalogue.booking_terms import policy, terms
from scheduler.catalogue.offered_therapies import Offered, TherapyCard, offered, therapies
from scheduler.errors import ClaimLapsed, NotOffered, SlotTaken, TechniqueNeeded, UnknownPractitioner, UnknownSlot
from scheduler.models.catalogue import Visit
from scheduler.search.claimed_plans import EarlierClaim
from scheduler.search.queries import alternatives, days, explain, first, search, slot, window
from scheduler.search.search_query import DayLoad, Explanation, Reason, Slot, Wish
from scheduler.search.slot_ids import for_purpose, without_purpose
from scheduler.sheets.uncovered_claims import NO_EDIT_SINCE, edits, exposed

__all__ = [
    "NO_EDIT_SINCE",
    "ClaimLapsed",
    "Claimed",
    "DayLoad",
    "EarlierClaim",
    "Explanation",
    "NotOffered",
    "Offered",
    "PractitionerCard",
    "Reason",
    "SiteCard",
    "Slot",
    "SlotTaken",
    "TechniqueNeeded",
    "Terms",
    "TherapyCard",
    "UnknownPractitioner",
    "UnknownSlot",
    "Visit",
    "Wish",
    "alternatives",
    "claim",
    "days",
    "edits",
    "explain",
    "exposed",
    "first",
    "for_purpose",
    "lapse",
    "offered",
    "policy",
    "postpone",
    "release",
    "retire_expired",
    "search",
    "slot",
    "take_over",
    "terms",
    "therapies",
    "window",
    "without_purpose",
]
