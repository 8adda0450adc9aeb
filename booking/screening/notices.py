"""What whoever comes is told of masks and companions, in words: once each."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.screening.policies import ScreeningPolicy, screening_policy
from booking.screening.questionnaire import QUESTIONNAIRE
from core.text.languages import localized

BRING_MASK, ABOUT_MASKS, COME_ALONE = "bring_mask", "mask", "come_alone"


def mask_notice() -> str:
    """Return what somebody is told who wears a mask for the whole visit."""
    return localized(QUESTIONNAIRE.notices[BRING_MASK])


def policy_notices(policy: ScreeningPolicy | None, *, masked: bool) -> list[str]:
    """Return what everybody is told; to somebody who wears a mask all the time nothing else is said of masks."""
    keys = policy.notices if policy else ()
    said = [key for key in keys if key in QUESTIONNAIRE.notices and not (masked and ABOUT_MASKS in key)]
    return [localized(QUESTIONNAIRE.notices[key]) for key in said]


def mask_lines(site: int, *, starts_at: datetime) -> list[str]:
    """Return what everybody is told of masks who comes to a site (its id) for a visit that starts then."""
    policy = screening_policy(site, starts_at=starts_at)
    said = [key for key in policy.notices if ABOUT_MASKS in key and key in QUESTIONNAIRE.notices] if policy else []
    return [localized(QUESTIONNAIRE.notices[key]) for key in said]


def companions_at_most(allowed: int) -> str:
    """Return how many can come along to an appointment."""
    if not allowed:
        return _("Nobody can come along to this appointment. If you need help on the way, please call us.")
    people = ngettext("%(number)d person can come with you.", "%(number)d people can come with you.", allowed)
    return people % {"number": allowed}
