"""Forms by which a clinic is set up: the admin and the desk show the same, and save by the same actions."""

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
    "edit_scope_of",
]
