"""Where what is in use is closed from a day on, so that whoever takes it out of use settles its appointments first."""

from typing import Any

from django.urls import reverse

from core.models import Site
from scheduler.public import setup_forms


def register() -> None:
    """Let whoever refuses to take something out of use lead there."""
    setup_forms.CLOSING_PAGES.update(place=_of_place, practitioner=_of_practitioner, site=_of_site)


def _of_place(place: Any) -> str:  # noqa: ANN401  (a row of the scheduler's)
    return f"{reverse('desk-places')}?site={place.room.site.key}&place={place.public_id}"


def _of_practitioner(practitioner: Any) -> str:  # noqa: ANN401  (as above)
    site = Site.objects.filter(resources__practitioner=practitioner).order_by("pk").first()
    return reverse("desk-setup-leaving", args=[practitioner.public_id]) + (f"?site={site.key}" if site else "")


def _of_site(site: Site) -> str:
    return f"{reverse('desk-close')}?site={site.key}"
