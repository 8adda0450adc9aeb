"""The birth date that is asked behind a mail's link, before anything is shown that the link alone does not tell."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import links
from booking.actions.link_codes import can_be_mailed
from booking.models import FamilyLink, ManageLink
from booking.suitability.answers import NO_ANSWERS, SuitabilityAnswers
from booking.suitability.policies import rules_in_force
from booking.suitability.records import answers_known
from booking.web.link_context import LinkAccess
from booking.web.suitability.suitability_forms import BirthDateForm
from core.forms import described, problems

SHOWN = "birth-date-shown"
"""Of which patient, or behind which link of a family, it was typed in this browser, and when."""

LASTS = timedelta(minutes=15)
"""For so long it is not asked again on the same page: phones and computers are shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthDateProof:
    """A birth date as it was typed behind a link. `given`: it is that of the patient."""

    form: BirthDateForm
    access: LinkAccess
    given: bool

    @classmethod
    def of(cls, request: HttpRequest, access: LinkAccess, *, at: datetime) -> Self:
        """Read what was sent, if anything was; each wrong day is counted."""
        form, given = typed_birth_date(request, access.link, zone=access.visit.site.tz, at=at)
        return cls(form=form, access=access, given=given)

    @classmethod
    def by_code(cls, access: LinkAccess, *, at: datetime) -> Self:
        """Return the proof of whoever has typed a mailed code instead: they are who the link's patient is."""
        born = access.visit.patient.birth_date
        form = BirthDateForm({"birth_date": born.isoformat()}, on=at.astimezone(access.visit.site.tz).date())
        return cls(form=form, access=access, given=form.is_valid())

    @property
    def typed(self) -> str:
        """Return it as it was typed."""
        return str(self.form["birth_date"].value())

    @property
    def born(self) -> date:
        """Return it, once it was given."""
        born: date = self.form.cleaned_data["birth_date"]
        return born

    def answers_on_record(self, *, at: datetime) -> SuitabilityAnswers:
        """Return what the patient has answered that counts still where the visit is."""
        in_force = rules_in_force(self.access.visit.site_id, at=at)
        return answers_known(self.access.visit, in_force[0], at=at) if in_force else NO_ANSWERS

    def context(self, *, at: datetime) -> dict[str, Any]:
        """Return what a page shows that asks for it; nothing to type after too many wrong ones."""
        shown = asked_birth_date(self.form, self.access.link, at=at) | {"back": self.access.urls.see}
        mailable = not shown["asks"] and can_be_mailed(self.access.visit, at=at)
        return shown | {"code": reverse("manage-own-code", args=[self.access.token]) if mailable else ""}


def typed_birth_date(
    request: HttpRequest, link: ManageLink | FamilyLink, *, zone: ZoneInfo, at: datetime
) -> tuple[BirthDateForm, bool]:
    """Return the form as it was sent, if it was, and whether the day in it is that of the link's patient."""
    form = BirthDateForm(request.POST if request.method == "POST" else None, on=at.astimezone(zone).date())
    given = form.is_valid() and links.knows_birth_date(link, form.cleaned_data["birth_date"], at=at)
    if form.is_valid() and not given:
        form.add_error("birth_date", _("That is not the birth date that we have. Please check it, or call us."))
    return form, given


def asked_birth_date(form: BirthDateForm, link: ManageLink | FamilyLink, *, at: datetime) -> dict[str, Any]:
    """Return what a page shows that asks for it; nothing to type after too many wrong ones."""
    asks = links.asks_birth_date(link, at=at)
    wrong = problems(form) if form.is_bound and asks else []
    return {"form": described(form), "problems": wrong, "asks": asks}


def remember(request: HttpRequest, link: ManageLink | FamilyLink, *, at: datetime) -> None:
    """Note in this browser that the birth date behind a link was typed."""
    request.session[SHOWN] = [_whose(link), at.isoformat()]


def is_remembered(request: HttpRequest, link: ManageLink | FamilyLink, *, at: datetime) -> bool:
    """Whether the birth date behind a link was typed in this browser a short while ago."""
    named, since = request.session.get(SHOWN) or ("", "")
    return named == _whose(link) and at < datetime.fromisoformat(since) + LASTS


def _whose(link: ManageLink | FamilyLink) -> str:
    """Return what tells whose birth date it is: a patient types theirs once for all links of their appointments."""
    return str(link.public_id if isinstance(link, FamilyLink) else link.appointment.patient.public_id)
