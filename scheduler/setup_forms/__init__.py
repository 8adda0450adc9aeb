"""Forms by which a clinic is set up: the admin and the desk show the same, and save by the same actions."""

from scheduler.actions.plan_lengths import (
    change_lengths,
    may_change,
    plan_at,
    plan_named,
    take_back_lengths,
)
from scheduler.actions.retiring import CLOSING_PAGES
from scheduler.setup_forms.catalogue import (
    CatalogueForm,
    DeviceForm,
    OpeningHoursForm,
    PlaceForm,
    RoomForm,
    SiteForm,
    TherapyForm,
    TravelTimeForm,
)
from scheduler.setup_forms.change_log import edits_of, edits_of_opening, edits_of_therapy, losses_in_words
from scheduler.setup_forms.edit_scope import EditScope, edit_scope_of
from scheduler.setup_forms.people import OfferingForm, PractitionerForm

__all__ = [
    "CLOSING_PAGES",
    "CatalogueForm",
    "DeviceForm",
    "EditScope",
    "OfferingForm",
    "OpeningHoursForm",
    "PlaceForm",
    "PractitionerForm",
    "RoomForm",
    "SiteForm",
    "TherapyForm",
    "TravelTimeForm",
    "change_lengths",
    "edit_scope_of",
    "edits_of",
    "edits_of_opening",
    "edits_of_therapy",
    "losses_in_words",
    "may_change",
    "plan_at",
    "plan_named",
    "take_back_lengths",
]
