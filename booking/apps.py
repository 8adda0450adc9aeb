"""The booking app."""

from dataclasses import replace

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    name = "booking"

    def ready(self) -> None:
        """Let every refusal show the times that it offers instead; say what a booking policy is."""
        from booking import policies, policy_impact  # noqa: PLC0415  (models are not there before)
        from booking.actions.suitability.rule_changes import look_again  # noqa: PLC0415
        from booking.api import slot_json  # noqa: F401, PLC0415  (importing it registers them)
        from booking.screening import impact  # noqa: PLC0415
        from booking.screening.policies import SCREENING  # noqa: PLC0415
        from booking.suitability import impact as suitability  # noqa: PLC0415
        from booking.suitability.policies import SUITABILITY, restricted_places  # noqa: PLC0415
        from booking.waiting.policies import WAITING_LIST  # noqa: PLC0415
        from booking.web.desk.impact import closing_pages  # noqa: PLC0415
        from core.policies import keys  # noqa: PLC0415

        of_programs = replace(policies.OF_PROGRAMS, impact=policy_impact.impact_on_program)
        keys.register(replace(policies.BOOKING, impact=policy_impact.impact, apart=of_programs))
        keys.register(WAITING_LIST)
        keys.register(replace(SCREENING, impact=impact.impact))
        closing_pages.register()
        keys.register(replace(SUITABILITY, impact=suitability.impact, published=look_again, spares=restricted_places))

    verbose_name = _("Appointments and calls")
