"""Whether pages that ask questions, or say what follows from them, go by rules that no clinician has signed."""

from typing import Any

from django import template
from django.conf import settings

from booking.suitability.policies import unsigned
from core import clock
from scheduler import public as scheduler

register = template.Library()


@register.simple_tag(takes_context=True)
def rules_are_unsigned(context: template.Context) -> bool:
    """Return whether the rules are those that the demo adopted, at the site of a page, or one of those it may mean.

    A page that is about one site says so by its `desk`, or as `rules_at` (id).
    """
    if not settings.DEMO:
        return False
    desk: Any = context.get("desk")
    site = desk.site.pk if desk is not None else context.get("rules_at")
    sites = [site] if site else list(scheduler.sites())
    return unsigned(sites, at=clock.now())
