"""The tables of time."""

from scheduler.models.blocks import BlockDecision, BlockRelease, FamilyBlock
from scheduler.models.busy_calendars import BusyCalendar
from scheduler.models.calendars import Absence, Closure, OpeningHours, PlaceClosure, SuggestedHoliday, WorkingHours
from scheduler.models.catalogue import Device, Place, Room, Segment, Therapy, VisitPlan
from scheduler.models.claims import Claim, WeekSheet
from scheduler.models.practitioners import Offering, Practitioner
from scheduler.models.programs import Program
from scheduler.models.resources import Resource
from scheduler.models.setup_changes import SetupAct, SetupChange
from scheduler.models.stamps import CatalogueStamp, CoverEdit
from scheduler.models.travel import TravelTime

__all__ = [
    "Absence",
    "BlockDecision",
    "BlockRelease",
    "BusyCalendar",
    "CatalogueStamp",
    "Claim",
    "Closure",
    "CoverEdit",
    "Device",
    "FamilyBlock",
    "Offering",
    "OpeningHours",
    "Place",
    "PlaceClosure",
    "Practitioner",
    "Program",
    "Resource",
    "Room",
    "Segment",
    "SetupAct",
    "SetupChange",
    "SuggestedHoliday",
    "Therapy",
    "TravelTime",
    "VisitPlan",
    "WeekSheet",
    "WorkingHours",
]
