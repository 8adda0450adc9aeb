"""What a visitor has chosen and typed so far, kept in their session until it is booked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC
from typing import Any, Self
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from booking.models import Hold, Patient
from booking.models.holds import HoldState
from booking.web import came_by_link, patient_session
from booking.web.families import family_session
from booking.web.forms import PersonForm
from core import clock
from core.accounts.principals import principal_of
from core.http import posted_pages
from core.models import User
from core.refusals import Missing
from core.text.phone_numbers import country_of

KEY = "draft"


@dataclass(slots=True)
class SessionDraft:
    """The held time and the answers as typed. Nothing is lost when the hold runs out.

    `suitability`: what was answered before booking, sealed; `call`: what was said of a call that they asked for;
    `asked_for`: what they need so that they can come, and of whom that is; `language`: what they read, as a link says.
    """

    hold: str = ""
    name: str = ""
    email: str = ""
    email_asked: str = ""
    phone: str = ""
    birth_date: str = ""
    birth_date_asked: str = ""
    suitability: str = ""
    call: str = ""
    asked_for: str = ""
    language: str = ""

    @classmethod
    def of(cls, session: SessionBase) -> Self:
        """Return the session's draft, or an empty one."""
        held = session.get(KEY) or {}
        return cls(**{field.name: str(held.get(field.name, "")) for field in fields(cls)})

    def keep(self, session: SessionBase) -> None:
        """Write the draft into the session."""
        session[KEY] = asdict(self)

    def save_hold(self, hold: Hold, session: SessionBase) -> None:
        """Note the held time."""
        self.hold = str(hold.public_id)
        self.keep(session)

    @property
    def hold_id(self) -> UUID | None:
        """The id of the held time, if one was chosen."""
        return UUID(self.hold) if self.hold else None

    def take_answers(self, form: PersonForm) -> None:
        """Note what was typed, right or wrong."""
        for name in self.answers:
            setattr(self, name, str(form[name].value() or ""))

    @property
    def answers(self) -> dict[str, str]:
        """What was typed about the person."""
        names = ("name", "email", "email_asked", "phone", "birth_date", "birth_date_asked")
        return {name: getattr(self, name) for name in names}


def chosen_id(text: str) -> UUID:
    """Return the id that a form sent. Raises Missing for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Missing from error


def forget(session: SessionBase) -> None:
    """Drop the draft once it is booked, and the pages on which it stood."""
    session.pop(KEY, None)
    posted_pages.forget(session)


def forget_all(request: HttpRequest) -> None:
    """Forget whoever sat here, so that the next person is another visitor; who has signed in stays so."""
    forget(request.session)
    if not request.user.is_authenticated:
        # With everything in it: what the next person at this computer sees begins with nothing.
        request.session.flush()
        rotate_token(request)  # visitors are known by it (`principal_of`)


def forget_who(request: HttpRequest) -> None:
    """Let whoever came by a link be a visitor again, who has chosen and answered nothing yet."""
    came_by_link.forget(request)
    forget(request.session)


def hold_in_browser(request: HttpRequest, draft: SessionDraft) -> Hold | None:
    """Return what was kept in this browser and not given back, for whomever. One that ran out may still be had."""
    if not draft.hold:
        return None
    # By id and by who made it: a session that was taken over by somebody who signed in shows no hold of the visitor.
    found = Hold.objects.visible_to(principal_of(request)).select_related("site", "practitioner")
    return found.filter(public_id=draft.hold).exclude(state=HoldState.RELEASED).first()


def hold_of(request: HttpRequest, draft: SessionDraft) -> Hold | None:
    """Return the same where it is theirs who sits here now. Raises FamilyLinkEnded, LinkNotTheirs, AskByPhone."""
    held = hold_in_browser(request, draft)
    if held is None or held.patient_id is None or request.user.is_authenticated:
        return held
    # What is kept for somebody who came by a link goes with them: whoever sits here next chooses anew.
    patient = patient_of(request)
    return held if patient is not None and patient.pk == held.patient_id else None


def sent_hold(request: HttpRequest) -> Hold | None:
    """Return the visitor's own hold that a form names, whatever became of it; None when it is not theirs."""
    named = request.POST.get("hold", "")
    try:
        found = Hold.objects.visible_to(principal_of(request)).filter(public_id=UUID(named))
    except ValueError:
        return None
    return found.select_related("site").first()


def person_form(
    held: Hold | None, data: Mapping[str, Any] | None = None, *, initial: dict[str, Any] | None = None
) -> PersonForm:
    """Return the form of who comes, read by the clock and the country of where a time is held."""
    today = clock.now().astimezone(held.site.tz if held else UTC).date()
    return PersonForm(data, on=today, country=country_of(held.site.zone) if held else None, initial=initial)


def patient_of(request: HttpRequest) -> Patient | None:
    """Return the own record of who is signed in, or came by a family link or their appointment's, if they have one.

    Raises FamilyLinkEnded, LinkNotTheirs, AskByPhone.
    """
    if isinstance(request.user, User):
        return Patient.objects.filter(user=request.user).first()
    return patient_session.patient_noted(request) or family_session.relative_of(request)
