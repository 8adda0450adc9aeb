"""What a place must have for somebody, as a query names it: by a clinic's rules, or as places have it."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from booking.suitability.needs import features_of
from booking.suitability.policies import rules_in_force
from core.refusals import Invalid
from scheduler import public as scheduler

HELP = (
    "What the place must have for the patient, separated by commas: needs that the clinic's rules name, such as "
    "accessible_room, or features of places, such as hi-lo. With `override` they do not count."
)

NEEDS_OF_HOLD = (
    "As in a search for times: what the place must have for the patient, beside what is on record of them. With an "
    "override_reason it has that if such a place is free."
)


class NeedsField(serializers.RegexField):
    """Names with commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP)
        super().__init__(r"^[a-z0-9_-]+(,[a-z0-9_-]+)*$", max_length=200, **kwargs)


def features_needed(
    names: str, sites: Collection[int], *, at: datetime, where: tuple[str, str] = ("parameter", "needs")
) -> frozenset[str]:
    """Return the features of places that needs ask for at any of some sites (ids).

    `where`: they were sent. Raises Invalid for unknown ones.
    """
    wanted = names.split(",") if names else ()
    found = frozenset(one for name in wanted for one in _features(name, sites, at=at))
    known = {one.replace("-", "_") for one in scheduler.place_features()} if found else set()
    if unknown := sorted(one for one in found if one.replace("-", "_") not in known):
        detail = _("Nobody knows %(names)s here.") % {"names": ", ".join(unknown)}
        raise Invalid(errors=[{where[0]: where[1], "detail": detail, "code": "unknown"}])
    return found


def _features(name: str, sites: Collection[int], *, at: datetime) -> Iterator[str]:
    """Yield what a name asks for: by the rules of these sites, or a feature that it names itself."""
    in_force = [found[0] for site in sorted(sites) if (found := rules_in_force(site, at=at)) is not None]
    naming = [rules for rules in in_force if name in rules.content.needs]
    yield from (one for rules in naming for one in features_of(rules, [name]))
    if not naming:
        yield name
