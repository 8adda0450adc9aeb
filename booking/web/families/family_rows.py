"""Family links as pages show them: how each stands, its code while it can be used, what was done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.families import family_grace, relatives
from booking.actions.families.family_links import Invitation
from booking.families import codes
from booking.families.status import ONLY_STAFF_READ, RENEWABLE, FamilyAct, FamilyRelation, FamilyState
from booking.models import FamilyLink, FamilyLinkChange, Patient
from booking.patients import contacts
from booking.web.forms import usable
from core.form_errors import SaysWhatToDo
from core.forms import AddressInput
from core.principal import Principal
from core.text.languages import date_in_words, near_day_in_words

MOST_REFUSED = 10

WORDS = (
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike", "November",
    "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
)  # fmt: skip
SPOKEN = {word[0]: word for word in WORDS}
"""How a letter is read aloud (ITU); digits are read as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAction:
    """One line of what was done. `unheard`: somebody was not reached by a mail about it."""

    day: str
    words: str
    unheard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLinkRow:
    """One link. `code`, `read_aloud`, `mailed_to` while it can be used; `buttons`: what can be done, with their words.

    `own`: the patient has typed the code themselves; `unheard`: a mail about it did not arrive, and nothing was
    done since; `vouched`: staff stand for whoever takes it up; `vouchable`, `graceable`: whether staff can do so,
    or keep it on; `undoable`: whether whoever looks gave its year of grace today.
    """

    id: str
    whose: str
    who: str
    relation: str
    state: str
    until: str
    live: bool
    waits: bool
    own: bool
    unheard: bool
    vouched: bool
    vouchable: bool
    graceable: bool
    undoable: bool
    code: str
    read_aloud: str
    mailed_to: str
    buttons: Sequence[tuple[str, str]]
    done: Sequence[FamilyAction]


class InvitationForm(SaysWhatToDo, forms.Form):
    """Whom a patient invites. `link`: the number of this form, so that sent twice it invites once."""

    link = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    relation = forms.ChoiceField(
        label=gettext_lazy("Who is it?"),
        choices=[("", gettext_lazy("Please choose")), *FamilyRelation.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose who it is")),
    )
    mail_to = forms.CharField(
        label=gettext_lazy("Their e-mail (optional)"),
        help_text=gettext_lazy("We send the code there. Leave it empty if you give it to them yourself."),
        required=False,
        widget=AddressInput(),
    )

    def clean_mail_to(self) -> str:
        """Return the address in the one form that is kept, or nothing."""
        typed = str(self.cleaned_data["mail_to"])
        return usable(contacts.email, typed) if typed else ""

    def invitation(self, *, reason: str = "") -> Invitation:
        """Return what was asked for. The form must be valid."""
        sent = self.cleaned_data
        return Invitation(
            public_id=sent["link"],
            relation=FamilyRelation(sent["relation"]),
            mail_to=sent["mail_to"],
            reason=sent.get("reason", reason),
        )


class StaffInvitationForm(InvitationForm):
    """Whom staff invite for a patient, and why they stand for them, if they do."""

    reason = forms.CharField(
        label=gettext_lazy("Why you vouch for them (optional)"),
        help_text=gettext_lazy("With a reason the patient need not confirm them. Nothing about health."),
        max_length=200,
        required=False,
    )


def family_rows(
    links: Iterable[FamilyLink], *, staff: bool, at: datetime, history: bool = True, by: Principal | None = None
) -> list[FamilyLinkRow]:
    """Return the rows of links, the live ones first; in one query more for what was done, where that is shown.

    `by`: staff who may undo what they did.
    """
    shown = list(links)
    done = _done(shown, staff=staff) if history else {}
    rows = [_row(link, done.get(link.pk, []), staff=staff, at=at, by=by) for link in shown]
    return sorted(rows, key=lambda row: not row.live)


def _row(
    link: FamilyLink, done: Sequence[FamilyAction], *, staff: bool, at: datetime, by: Principal | None
) -> FamilyLinkRow:
    state, live = link.state_at(at), link.is_live(at=at)
    return FamilyLinkRow(
        id=str(link.public_id),
        whose=link.patient.name if staff else "",
        who=link.relative.name if link.relative else "",
        relation=str(FamilyRelation(link.relation).label),
        state=str(_("kept for a year of grace")) if live and link.grace_at else str(state.label),
        until=date_in_words(link.ends_on) if live else "",
        live=live,
        waits=state is FamilyState.CLAIMED,
        own=state is FamilyState.CLAIMED and relatives.is_the_patient(link),
        unheard=_unheard(done),
        vouched=state is FamilyState.INVITED and bool(link.vouched_by),
        vouchable=(state is FamilyState.INVITED and not link.vouched_by) or state is FamilyState.CLAIMED,
        graceable=state is FamilyState.ACTIVE and link.grace_at is None,
        undoable=live and by is not None and family_grace.may_take_back(link, by=by, at=at),
        **_invitation(link, state, done, staff=staff),
        buttons=_buttons(link, state, staff=staff, at=at),
        done=done,
    )


def _unheard(done: Sequence[FamilyAction]) -> bool:
    return bool(done) and done[-1].unheard


def _invitation(link: FamilyLink, state: FamilyState, done: Sequence[FamilyAction], *, staff: bool) -> dict[str, str]:
    """Return the code, how it is read aloud and where it is mailed, while it can be used."""
    if state is not FamilyState.INVITED:
        return {"code": "", "read_aloud": "", "mailed_to": ""}
    code = codes.code_again(link.public_id, link.code_digest)
    return {
        "code": codes.in_groups(code) if code else "",
        "read_aloud": ", ".join(SPOKEN.get(sign, sign) for sign in code),
        "mailed_to": _mailed_to(link, done, staff=staff) if code else "",
    }


def _mailed_to(link: FamilyLink, done: Sequence[FamilyAction], *, staff: bool) -> str:
    """Return where the code is mailed, unless it did not arrive; to a patient only what they have typed themselves."""
    theirs = staff or link.invited_by.startswith("link:") or link.invited_by == f"user:{link.patient.user_id}"
    return link.mail_to if theirs and not _unheard(done) else ""


def _buttons(link: FamilyLink, state: FamilyState, *, staff: bool, at: datetime) -> list[tuple[str, str]]:
    """Return what can be done, the main thing first. What needs a reason is a form of its own on staff's page."""
    found = []
    if state is FamilyState.CLAIMED and not staff and not relatives.is_the_patient(link):
        found.append(("confirm", _("Yes, I know them: confirm")))
    if state is FamilyState.ACTIVE and link.grace_at is None and at >= link.ends_at - RENEWABLE:
        found.append(("renew", _("Keep it for another year")))
    if link.is_live(at=at):
        found.append(("revoke", _("No: take it back") if state is FamilyState.CLAIMED else _("Take it back")))
    return found


def _done(links: Sequence[FamilyLink], *, staff: bool) -> Mapping[int, list[FamilyAction]]:
    """Return what was done with links, by their ids: when and what, and never what somebody has booked.

    Whom a mail did not reach is for staff: to the patient it would tell of the other's mailbox, and of their times.
    """
    zones = {link.pk: link.site.tz for link in links}
    found: dict[int, list[FamilyAction]] = {}
    rows = FamilyLinkChange.objects.filter(link__in=zones).order_by("pk")
    for change in rows if staff else rows.exclude(act__in=ONLY_STAFF_READ):
        if change.link_id is not None:
            found.setdefault(change.link_id, []).append(_action(change, zones[change.link_id]))
    return found


def refused_invitations(patient: Patient, zone: ZoneInfo) -> list[FamilyAction]:
    """Return what was asked for in a patient's name and became no invitation, the newest first."""
    rows = FamilyLinkChange.objects.filter(patient=patient, link=None).exclude(refused="").order_by("-pk")
    words = _("an invitation was asked for, and none was made")
    return [replace(_action(one, zone), words=words) for one in rows[:MOST_REFUSED]]


def _action(change: FamilyLinkChange, zone: ZoneInfo) -> FamilyAction:
    words = str(FamilyAct(change.act).label)
    refused = _("%s: not done, as it stood then") % words if change.refused else words
    day, unheard = near_day_in_words(change.at.astimezone(zone).date()), change.act == FamilyAct.UNHEARD
    return FamilyAction(day=day, words=refused, unheard=unheard)
