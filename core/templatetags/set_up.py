"""What is still to be set up, for the first page of the admin."""

from typing import Any

from django import template

from core import clock
from core.accounts.principals import principal_of
from core.admin.permissions import is_superuser
from core.models import Site
from core.staff_pages.policy_facts import PolicyRights
from core.staff_pages.policy_setup import PolicySetup, policies_to_set_up

register = template.Library()


@register.simple_tag(takes_context=True)
def still_to_set_up(context: dict[str, Any]) -> list[tuple[Site, PolicySetup]]:
    """Return what is still to be set up at the sites whose policies the reader edits."""
    request = context["request"]
    rights = PolicyRights.of(principal_of(request), superuser=is_superuser(request))
    return list(policies_to_set_up(rights.sites(), at=clock.now()))
