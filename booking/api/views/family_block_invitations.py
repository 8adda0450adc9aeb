"""Inviting a member of a family to the time that a block keeps."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.family_json import FamilyBlockInvitationSerializer, FamilyLinkSerializer
from booking.api.views.family_links import FamilyLinksView
from booking.families.status import FamilyAct
from core.http.idempotency import Answer
from core.refusals import Missing
from core.rights import Action, Subject, may
from scheduler import public as scheduler


class FamilyBlockInvitationsView(FamilyLinksView):
    """Inviting, by staff who see the block: at its site, for a family of a patient who takes part there."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Invite a member of a family to the time that a block keeps"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.INVITE_FAMILY}
    form = FamilyBlockInvitationSerializer
    id_description = "Id of a block."
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    @extend_schema(responses={201: FamilyLinkSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Make an invitation; its code is in the answer, and is mailed where that is asked for."""
        return self.once_on_record(FamilyAct.INVITE, self.invited)

    def invited(self) -> Answer:
        """Invite. Raises Missing, Invalid, NoFamilyTime, TooManyFamilyLinks, TooManyInvitations."""
        block = scheduler.family_block(self.kwargs["id"])
        here = frozenset({block.site_id})
        # Not by whoever is not told of blocks: whether there is one is not theirs to know.
        if not may(self.principal, self.right, Subject(sites=here, programs=here)):
            raise Missing
        return self.invited_at(block.site, self.validated_body())
