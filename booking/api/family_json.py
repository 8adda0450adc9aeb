"""How family links look over the wire, and what may be sent of them. Neither side is shown the other's visits."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.families import codes
from booking.families.status import ONLY_STAFF_READ, FamilyRelation, FamilyState
from booking.models import FamilyLink, FamilyLinkChange
from core.api import StrictSerializer
from core.api.problem_responses import ProblemSerializer
from core.rights import Action, may_ever

RELATIONS = list(FamilyRelation)


class FamilyActSerializer(serializers.ModelSerializer[FamilyLinkChange]):
    """One act on a family link."""

    refused = serializers.CharField(help_text=_("Code of why it was not done; empty where it was."))

    class Meta:
        model = FamilyLinkChange
        fields = ["at", "act", "refused"]


class FamilyLinkSerializer(serializers.ModelSerializer[FamilyLink]):
    """A patient and a member of their family. Who is told of whom: staff of both, the patient of the relative."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SlugField(source="site.key")
    relation = serializers.ChoiceField(RELATIONS, help_text=_("What they are to the patient (v3-RoleCode)."))
    state = serializers.SerializerMethodField(help_text=_("How it stands; past its end it has ended."))
    ends_on = serializers.DateField(help_text=_("The last day on which it counts, at its site."))
    grace = serializers.SerializerMethodField(help_text=_("Kept after the patient's death; told to staff alone."))
    patient = serializers.SerializerMethodField(help_text=_("Id of the patient; none where they are not told to you."))
    relative = serializers.SerializerMethodField(help_text=_("Name of who took the invitation up; empty before."))
    code = serializers.SerializerMethodField(help_text=_("What they type, while it can be used; else empty."))

    history = serializers.SerializerMethodField(help_text=_("What was done with it, the first act first."))

    class Meta:
        model = FamilyLink
        fields = ["id", "site", "relation", "state", "ends_on", "grace", "patient", "relative", "code", "history"]

    @extend_schema_field(FamilyActSerializer(many=True))
    def get_history(self, link: FamilyLink) -> Any:
        """Return what was done with it: to the patient nothing of the other's mailbox and times."""
        acts, staff = sorted(link.changes.all(), key=lambda one: one.pk), self._staff
        return FamilyActSerializer([one for one in acts if staff or one.act not in ONLY_STAFF_READ], many=True).data

    @property
    def _staff(self) -> bool:
        view: Any = self.context["view"]
        return may_ever(view.principal, Action.VOUCH_FOR_FAMILY)

    def get_state(self, link: FamilyLink) -> FamilyState:
        """Return how it stands when it is asked for."""
        return link.state_at(self.context["view"].at)

    def get_grace(self, link: FamilyLink) -> bool:
        """Return whether it is kept in grace: nothing tells a family of a death but people."""
        return self._staff and link.grace_at is not None

    def get_patient(self, link: FamilyLink) -> str | None:
        """Return the patient's id, to staff and to the patient."""
        return None if self._is_relative(link) else str(link.patient.public_id)

    def get_relative(self, link: FamilyLink) -> str:
        """Return the relative's name, to staff, to the patient and to the relative."""
        return link.relative.name if link.relative else ""

    def get_code(self, link: FamilyLink) -> str:
        """Return the code, to whoever may invite."""
        view: Any = self.context["view"]
        open_ = link.state_at(view.at) is FamilyState.INVITED and may_ever(view.principal, Action.INVITE_FAMILY)
        return codes.in_groups(codes.code_again(link.public_id, link.code_digest)) if open_ else ""

    def _is_relative(self, link: FamilyLink) -> bool:
        user = self.context["view"].principal.user_id
        return link.relative is not None and user is not None and link.relative.user_id == user


class FamilyBlockInvitationSerializer(StrictSerializer):
    """Whom to invite to the time that a block keeps, at its site: for which patient."""

    patient = serializers.UUIDField(help_text=_("Id of the patient."))
    relation = serializers.ChoiceField(RELATIONS, help_text=_("What they are to the patient."))
    mail_to = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=254, help_text=_("Where the code is mailed, if it is.")
    )
    reason = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text=_("Why staff stand for whoever takes it up: the patient then need not confirm them."),
    )


class FamilyInvitationSerializer(FamilyBlockInvitationSerializer):
    """Whom to invite: for which patient, at which site of their program."""

    patient = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text=_("Id of the patient; none: yourself.")
    )
    site = serializers.SlugField(help_text=_("Key of the site."))


class FamilyReasonSerializer(StrictSerializer):
    """Why staff act in the patient's place."""

    reason = serializers.CharField(max_length=200, help_text=_("Nothing about health."))


class FamilyProblemSerializer(ProblemSerializer):
    """Why an act on a family link is refused, with what stands in its way."""

    stands = serializers.ChoiceField(list(FamilyState), required=False)
    act = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False)
    earliest_day = serializers.DateField(required=False)
