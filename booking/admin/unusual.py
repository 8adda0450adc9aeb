"""Limits that somebody met: what staff look at when times go faster than people come."""

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.models import UnusualBooking
from core.admin import ReadOnly


@admin.register(UnusualBooking)
class UnusualBookingAdmin(ReadOnly):
    """One row a day for whoever met a limit: by which count, since when, how often. It names nobody."""

    list_display = fields = ("whose", "counted_by", "site", "first_at", "last_at", "refused", "slowed", "to_do")
    list_filter = ["whose", "site"]

    def within(self, sites: frozenset[int]) -> Q:
        """Return which rows are of some sites (their ids): nobody sees another site's."""
        return Q(site__in=sites)

    @admin.display(description=_("told apart by"))
    def counted_by(self, row: UnusualBooking) -> str:
        """Return the beginning of a keyed hash: the same for the same address, visitor or network."""
        # Enough to see that two rows are one visitor's; the whole would be a thing to copy and to compare elsewhere.
        return row.digest[:12]

    @admin.display(description=_("what to do"))
    def to_do(self, row: UnusualBooking) -> SafeString:
        """Lead to the visits that nobody stands behind yet: those that are to be looked through."""
        # The row names nobody, so it cannot lead to whose visits they are: only to those that nobody stands behind.
        visits = reverse("admin:booking_appointment_changelist", query={"address": "unverified"})
        return format_html('<a href="{}">{}</a>', visits, _("Look through the appointments of addresses not verified"))
