"""To whom working hours can be open: everyone, the patients and families of any program, or staff alone."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Site
from core.text.languages import localized
from scheduler.audience import EVERYONE, STAFF_ALONE
from scheduler.models import Program

FOR_ALL_SITES = (
    (EVERYONE, gettext_lazy("everyone")),
    (STAFF_ALONE, gettext_lazy("staff alone: not bookable online")),
)


def hours_audiences() -> list[tuple[str, str]]:
    """Return what hours can name, with its words; of programs those in use."""
    of_program = _("patients and families: %(program)s")
    programs = Program.objects.filter(active=True).order_by("key")
    named = [(one.key, of_program % {"program": localized(one.name)}) for one in programs]
    return [*((key, str(words)) for key, words in FOR_ALL_SITES), *named]


def wrong_with_audience(audience: str, site: Site) -> Iterator[tuple[str, str, bool]]:
    """Yield what is wrong with hours at a site that are open to an audience alone."""
    program = Program.objects.filter(key=audience).first()
    known = audience in dict(FOR_ALL_SITES) or (program is not None and program.active)
    yield "audience", _("There is no such group of people."), not known
    sites = set(program.sites.values_list("pk", flat=True)) if program else set()
    yield "audience", _("This program is not at this site."), bool(sites) and site.pk not in sites
