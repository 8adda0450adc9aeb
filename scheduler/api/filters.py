"""How lists of the catalogue and of the calendars are narrowed."""

import django_filters

from core.api.filters import InstantFilter, TrueOrFalseFilter
from scheduler.models import (
    Absence,
    Closure,
    Device,
    FamilyBlock,
    Offering,
    OpeningHours,
    Practitioner,
    Room,
    Therapy,
    WorkingHours,
)
from scheduler.models.practitioners import Gender


class RoomFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Rooms of a site."""

    site = django_filters.CharFilter("site__key", help_text="Key of a site.")

    class Meta:
        model = Room
        fields = ["site"]


class DeviceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Devices of a site or a pool."""

    site = django_filters.CharFilter("site__key", help_text="Key of a site.")
    pool = django_filters.CharFilter("pool", help_text="Key of a pool of devices.")

    class Meta:
        model = Device
        fields = ["site", "pool"]


class TherapyFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Therapies of a family, or that people may book themselves."""

    family = django_filters.CharFilter("family", help_text="Key of a family, such as needles.")
    self_bookable = TrueOrFalseFilter(
        "self_bookable", help_text="Whether patients book it themselves, where the site has rules if it needs them."
    )

    class Meta:
        model = Therapy
        fields = ["family", "self_bookable"]


class PractitionerFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Practitioners by what they offer, where, and who they are."""

    therapy = django_filters.CharFilter("offerings__therapy__key", distinct=True, help_text="Key of a therapy.")
    site = django_filters.CharFilter("offerings__site__key", distinct=True, help_text="Key of a site.")
    gender = django_filters.ChoiceFilter(choices=Gender.choices)
    language = django_filters.CharFilter(
        "languages", method="by_language", help_text="Tag of a language that they speak, such as es."
    )

    class Meta:
        model = Practitioner
        fields = ["therapy", "site", "gender", "language"]

    def by_language(self, queryset, _name, value):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Keep those who speak a language."""
        return queryset.filter(languages__contains=[value])


class OpeningHoursFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Opening hours of a site."""

    site = django_filters.CharFilter("site__key", help_text="Key of a site.")

    class Meta:
        model = OpeningHours
        fields = ["site"]


class OfferingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What is offered by somebody, or at a site."""

    practitioner = django_filters.UUIDFilter("practitioner__public_id", help_text="Id of a practitioner.")
    site = django_filters.CharFilter("site__key", help_text="Key of a site.")

    class Meta:
        model = Offering
        fields = ["practitioner", "site"]


class HoursFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Working hours of a practitioner or a site."""

    practitioner = django_filters.UUIDFilter("practitioner__public_id", help_text="Id of a practitioner.")
    site = django_filters.CharFilter("site__key", help_text="Key of a site.")

    class Meta:
        model = WorkingHours
        fields = ["practitioner", "site"]


class FamilyBlockFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Blocks of a practitioner, a site or a program."""

    practitioner = django_filters.UUIDFilter("practitioner__public_id", help_text="Id of a practitioner.")
    site = django_filters.CharFilter("site__key", help_text="Key of a site.")
    program = django_filters.CharFilter("program__key", help_text="Key of a program.")

    class Meta:
        model = FamilyBlock
        fields = ["practitioner", "site", "program"]


class AbsenceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Absences of a practitioner, or that touch a time."""

    practitioner = django_filters.UUIDFilter("practitioner__public_id", help_text="Id of a practitioner.")
    to = InstantFilter("period__startswith", lookup_expr="lt", help_text="Begin before this.")

    class Meta:
        model = Absence
        fields = ["practitioner"]


# Beside the class: `from` is a word of Python, and cannot name an attribute.
AbsenceFilter.base_filters["from"] = InstantFilter("period__endswith", lookup_expr="gt", help_text="End after this.")


class ClosureFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Closures of a site."""

    site = django_filters.CharFilter("site__key", help_text="Key of a site.")
    confirmed = TrueOrFalseFilter("confirmed", help_text="False: what is only suggested.")

    class Meta:
        model = Closure
        fields = ["site", "confirmed"]
