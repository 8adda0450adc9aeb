"""The page on which somebody says which times suit them, and who they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking.access_needs import NOTHING_ASKED, AskedFor
from booking.actions.guest_flow import Guest
from booking.actions.waiting.list_entries import Preferences
from booking.models import Patient
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.context import chosen_therapy
from booking.web.forms import PersonForm
from booking.web.labels import therapy_in_words
from booking.web.needs_to_book import asked_in_draft
from booking.web.session_draft import SessionDraft
from booking.web.suitability.suitability_flow import WantedTherapy
from booking.web.suitability.suitability_page import BeforeBooking
from booking.web.times_query import TimesQuery, audience_of_patient
from booking.web.waiting.waiting_forms import WaitingForm
from core.forms import described, problems
from core.text.phone_numbers import country_of
from scheduler.public import NotOffered


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPage:
    """What is asked, as it was sent, if it was.

    `person`: who waits, of whom we do not know yet; `help`: what helps them to come; `known`: something is on record.
    """

    wanted: WantedTherapy
    therapy: str
    needs: tuple[str, ...]
    here: str
    form: WaitingForm
    help: AccessNeedsForm
    known: bool
    person: PersonForm | None

    @classmethod
    def of(
        cls,
        request: HttpRequest,
        wanted: WantedTherapy,
        before: BeforeBooking,
        patient: Patient | None,
        *,
        at: datetime,
    ) -> Self:
        """Read what was sent. Raises NotOffered, TechniqueNeeded, NotBookableOnline."""
        asked = before.narrowed(_times_query(wanted, patient, at=at))
        card, offered = chosen_therapy(asked, at=at), asked.offered()
        if not offered:
            raise NotOffered
        data, zone = request.POST if request.method == "POST" else None, offered[0].site.tz
        return cls(
            wanted=wanted,
            therapy=therapy_in_words(card.name, wanted.technique),
            needs=tuple(sorted(before.needs)),
            here=request.get_full_path(),
            form=WaitingForm(data, offered=offered, on=at.astimezone(zone).date(), initial=chosen_before(request)),
            help=AccessNeedsForm(data, initial=(asked_in_draft(request, patient) or NOTHING_ASKED).columns),
            known=patient is not None and bool(AskedFor.on_record(patient)),
            person=None if patient else _person_form(request, zone, at=at),
        )

    @property
    def is_valid(self) -> bool:
        """Whether all of it was sent, and can be read."""
        valid = self.form.is_valid(), self.help.is_valid(), self.person is None or self.person.is_valid()
        return all(valid)

    def preferences(self) -> Preferences:
        """Return what suits them. The page is valid."""
        wanted = self.wanted
        said: dict[str, Any] = {"therapy": wanted.therapy, "visit": wanted.visit, "technique": wanted.technique}
        return Preferences(**said, **self.form.preferred(), needs=self.needs, asked_for=self.help.asked_for)

    def guest(self) -> Guest:
        """Return who waits, as they typed it. The page is valid, and asks who they are."""
        assert self.person is not None  # noqa: S101  (tells the type checker)
        return Guest(**self.person.person())

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        wrong = [*problems(self.form), *problems(self.help), *(problems(self.person) if self.person else [])]
        return {
            "form": described(self.form),
            "help": described(self.help),
            "known": self.known,
            "person": described(self.person) if self.person else None,
            "problems": wrong if self.form.is_bound else [],
            "therapy": self.therapy,
            "back": self.wanted.url("times"),
            "here": self.here,
        }


def _person_form(request: HttpRequest, zone: ZoneInfo, *, at: datetime) -> PersonForm:
    data, draft = request.POST if request.method == "POST" else None, SessionDraft.of(request.session)
    form = PersonForm(data, on=at.astimezone(zone).date(), country=country_of(str(zone)), initial=draft.answers)
    form.fields["email"].help_text = _("We write to you here when a time opens.")
    return form


def _times_query(wanted: WantedTherapy, patient: Patient | None, *, at: datetime) -> TimesQuery:
    audience = audience_of_patient(patient, at=at)
    return TimesQuery(therapy=wanted.therapy, technique=wanted.technique, visit=wanted.visit, audience=audience)


def chosen_before(request: HttpRequest) -> dict[str, Any]:
    """Return what was chosen among the times already."""
    chosen = {name: request.GET[name] for name in ("practitioner", "part", "language", "site") if name in request.GET}
    weekday = request.GET.get("weekday", "")
    return chosen | ({"weekdays": [str(int(weekday) + 1)]} if weekday.isdecimal() else {})
