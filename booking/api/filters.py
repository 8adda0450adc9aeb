"""How the list of appointments is narrowed."""

import django_filters

from booking.models import Appointment
from booking.status import Status
from core.api.filters import ChoicesFilter, InstantFilter, UUIDsFilter


class AppointmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Appointments by time, state, people and place."""

    to = InstantFilter("period__startswith", lookup_expr="lt", help_text="Start before this.")
    status = ChoicesFilter(choices=Status.choices, help_text="One of these, separated by commas.")
    practitioner = django_filters.UUIDFilter("practitioner__public_id", help_text="Id of a practitioner.")
    patient = django_filters.UUIDFilter("patient__public_id", help_text="Id of a patient; for those who may see names.")
    site = django_filters.CharFilter("site__key", help_text="Key of a site.")
    allocation = UUIDsFilter("allocation", help_text="What `without_cover` names; several are separated by commas.")

    class Meta:
        model = Appointment
        fields = ["status", "practitioner", "patient", "site", "allocation"]


AppointmentFilter.base_filters["from"] = InstantFilter(
    "period__endswith", lookup_expr="gt", help_text="End after this."
)
