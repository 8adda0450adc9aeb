"""Family links: listed, begun by an invitation, confirmed or vouched for, ended."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.families import family_links
from booking.actions.families.family_links import Invitation
from booking.actions.patients.person_locks import lock_patient
from booking.api.family_json import (
    FamilyInvitationSerializer,
    FamilyLinkSerializer,
    FamilyProblemSerializer,
    FamilyReasonSerializer,
)
from booking.api.lookups import find_patient
from booking.families.queries import family_links as links_seen
from booking.families.status import FamilyAct, FamilyRelation
from booking.models import FamilyLink, Patient
from core.api import StrictSerializer
from core.api.permissions import require
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid, Refusal
from core.rights import Action, Subject, acting, may


class FamilyView(ApiView):
    """What views of family links share."""

    serializer_class = FamilyLinkSerializer
    id_description = "Id of a family link."
    refused: tuple[Refusal, FamilyLink | Patient] | None = None
    """What was refused, and of whom, to be written down once the refusal's own unit is over."""

    def get_queryset(self) -> QuerySet[FamilyLink]:
        """Return the links that this role may do this to."""
        return links_seen(acting(self.principal, self.right)).prefetch_related("changes")

    def subject_of(self, obj: FamilyLink) -> Subject:
        """Return what the rights table asks: some acts are the patient's, one is the relative's, some are both's."""
        patient, relative = obj.patient.user_id, obj.relative.user_id if obj.relative else None
        asks_as_relative = relative is not None and relative == self.principal.user_id
        owner = {
            Action.LEAVE_FAMILY_LINK: relative,
            Action.SEE_FAMILY_LINK: relative if asks_as_relative else patient,
            Action.RENEW_FAMILY: relative if asks_as_relative else patient,
        }.get(self.right, patient)
        here = frozenset({obj.site_id})
        return Subject(sites=here, owner=owner, programs=here)

    def lock(self, obj: FamilyLink) -> None:
        """Lock the patient, then the link, as every act does. Raises Missing."""
        lock_patient(obj.patient)
        super().lock(obj)

    @contextmanager
    def noted(self, whose: FamilyLink | Patient) -> Iterator[None]:
        """Remember what is refused inside."""
        try:
            yield
        except Refusal as refusal:
            self.refused = (refusal, whose)
            raise

    def once_on_record(self, what: FamilyAct, act: Callable[[], Answer]) -> Response:
        """Act once for the request's key; what is refused is written down."""
        try:
            return self.once(act)
        finally:
            if self.refused is not None:
                refusal, whose = self.refused
                family_links.note_refusal(what, refusal, whose, by=self.principal, at=self.at)


class FamilyLinksView(FamilyView, ApiListView):
    """The links, and inviting somebody."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List family links",
        "POST": "Invite a member of a patient’s family",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_FAMILY_LINK, "POST": Action.INVITE_FAMILY}
    form: ClassVar[type[StrictSerializer]] = FamilyInvitationSerializer
    idempotent = "honoured"
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {
        409: FamilyProblemSerializer,
        429: ProblemSerializer,
    }

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page of them, the newest first, also of those that have ended."""
        return self.list(request, *args, **kwargs)

    @extend_schema(responses={201: FamilyLinkSerializer})
    def post(self, request: Request) -> Response:
        """Make an invitation; its code is in the answer, and is mailed where that is asked for."""
        return self.once_on_record(FamilyAct.INVITE, self.invited)

    def invited(self) -> Answer:
        """Invite. Raises Invalid, Forbidden, NoFamilyTime, TooManyFamilyLinks, TooManyInvitations."""
        sent = self.validated_body()
        site = Site.objects.filter(key=sent["site"], active=True).first()
        if site is None:
            raise Invalid(_("There is no such site."), pointer="/site")
        return self.invited_at(site, sent)

    def invited_at(self, site: Site, sent: Mapping[str, Any]) -> Answer:
        """Invite somebody of a family at a site of its program. Raises as above."""
        patient = find_patient(sent["patient"], by=acting(self.principal, self.right))
        if patient is None:
            raise Invalid(_("Say for whose family it is."), pointer="/patient")
        here = frozenset({site.pk})
        subject = Subject(sites=here, owner=patient.user_id, programs=here)
        require(self.principal, self.right, subject, site=site.key)
        if sent["reason"] and not may(self.principal, Action.VOUCH_FOR_FAMILY, subject):
            raise Invalid(_("Only staff stand for somebody: leave the reason out."), pointer="/reason")
        wanted = Invitation(
            public_id=uuid4(),
            relation=FamilyRelation(sent["relation"]),
            mail_to=sent["mail_to"],
            reason=sent["reason"],
        )
        with self.noted(patient):
            made = family_links.invite(patient, wanted, site=site, by=self.principal, at=self.at)
        return self.answer_with(made, status=201)


class FamilyLinkView(FamilyView):
    """One link."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a family link"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_FAMILY_LINK}
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the link."""
        return self.detail(self.get_object())


class FamilyActView(FamilyView):
    """One act on a link."""

    what: ClassVar[str]
    act: ClassVar[FamilyAct]
    do: ClassVar[Callable[..., FamilyLink]]
    idempotent = "honoured"
    conditional = True
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: FamilyProblemSerializer}
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    @extend_schema(responses={200: FamilyLinkSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Do it, and answer with the link. The same twice is once."""
        return self.once_on_record(self.act, self.done)

    def done(self) -> Answer:
        """Do it. Raises Missing, Changed, Invalid, FamilyActNotAllowed, TooSoonToRenew."""
        link, sent = self.to_change(), self.validated_body()
        with self.noted(link):
            type(self).do(link, **sent, by=self.principal, at=self.at)
        return self.answer_with(links_seen(self.principal).get(pk=link.pk))


class ConfirmView(FamilyActView):
    """Confirming who came."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Confirm, as the patient, who took an invitation up"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CONFIRM_FAMILY}
    what, act, do = "confirm", FamilyAct.CONFIRM, staticmethod(family_links.confirm)


class VouchView(FamilyActView):
    """Standing for somebody."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Vouch for a member of a family, with a reason"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.VOUCH_FOR_FAMILY}
    form: ClassVar[type[StrictSerializer]] = FamilyReasonSerializer
    what, act, do = "vouch", FamilyAct.VOUCH, staticmethod(family_links.vouch)


class GraceView(VouchView):
    """Keeping a link after the patient's death."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Keep a link for a year of grace, with a reason"}
    what, act, do = "grace", FamilyAct.GRACE, staticmethod(family_links.keep_in_grace)


class UndoGraceView(FamilyActView):
    """Undoing one's own year of grace."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Undo one's own year of grace, on the same day"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.VOUCH_FOR_FAMILY}
    what, act, do = "undo-grace", FamilyAct.UNGRACE, staticmethod(family_links.undo_grace)


class RevokeView(FamilyActView):
    """Taking a link back."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Take a family link back, at once"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.INVITE_FAMILY}
    what, act, do = "revoke", FamilyAct.REVOKE, staticmethod(family_links.revoke)


class LeaveView(FamilyActView):
    """Giving a link up."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Give a family link up, as the member of the family"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.LEAVE_FAMILY_LINK}
    what, act, do = "leave", FamilyAct.LEAVE, staticmethod(family_links.leave)


class RenewView(FamilyActView):
    """Letting a link last for another year."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Renew a family link in its last days"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.RENEW_FAMILY}
    what, act, do = "renew", FamilyAct.RENEW, staticmethod(family_links.renew)


ACT_VIEWS = (ConfirmView, VouchView, GraceView, UndoGraceView, RevokeView, LeaveView, RenewView)
