"""Who acts as staff, and who may set a soft rule aside."""

from core.principal import Principal
from core.rights import MATRIX, OF_PROGRAMS, Action, Scope, reaching
from scheduler.public import Audience

STAFF = reaching(Action.SEE_PATIENT, Scope.SITE, Scope.CALENDAR, *OF_PROGRAMS)
"""Whoever may see records that are not their own."""

MAY_OVERRIDE = frozenset(MATRIX[Action.OVERRIDE_SOFT_RULE])


def is_system(by: Principal) -> bool:
    """Whether one of our own tasks acts."""
    return by.key.startswith("system:")


def acts_as_staff(by: Principal, *, site_id: int, own_record: bool = False) -> bool:
    """Whether `by` acts as staff of a site; on their own record nobody does."""
    # A scheduler who is a patient here too is bound by the rules for patients in their own appointments.
    return is_system(by) or (not own_record and site_id in by.sites(*STAFF))


def audience_of(by: Principal, *, site_id: int, own_record: bool = False, reason: str = "") -> Audience:
    """Return as whom `by` asks for time at a site; `reason`: why soft rules are to be set aside, if they are."""
    if reason and may_override(by, site_id=site_id, own_record=own_record):
        return Audience.STAFF_WITH_REASON
    return Audience.STAFF if acts_as_staff(by, site_id=site_id, own_record=own_record) else Audience.PATIENT


def may_override(by: Principal, *, site_id: int, own_record: bool = False) -> bool:
    """Whether `by` may set a soft rule aside at a site, with a reason; never on their own record."""
    return is_system(by) or (not own_record and site_id in by.sites(*MAY_OVERRIDE))
