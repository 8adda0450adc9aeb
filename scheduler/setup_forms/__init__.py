"""Forms by which a clinic is set up: the admin and the desk show the same, and save by the same actions."""

from scheduler.actions.edit_log import act_and_log
from scheduler.actions.plan_lengths import (
    change_lengths,
    may_change,
    plan_at,
    plan_named,
    take_back_lengths,
)
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
from scheduler.setup_forms.change_log import changes_in_words, edits_of
from scheduler.setup_forms.edit_scope import EditScope, edit_scope_of
from scheduler.setup_forms.people import OfferingForm, PractitionerForm

__all__ = [
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
    "act_and_log",
    "change_lengths",
    "changes_in_words",
    "edit_scope_of",
    "edits_of",
    "may_change",
    "plan_at",
    "plan_named",
    "take_back_lengths",
]
