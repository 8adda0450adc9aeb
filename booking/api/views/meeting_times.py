"""Times to meet: a patient offers one of their appointments to their family, and takes that back."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions.families import meeting_times
from booking.actions.moves import locked
from booking.api.meeting_json import MeetingTimeCreateSerializer, MeetingTimeSerializer
from booking.families.meeting_times import meeting_times_seen, own_meeting_times
from booking.models import MeetingTime
from core.api import StrictSerializer
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.refusals import Invalid, Missing
from core.rights import Action, Subject, acting


class MeetingTimeView(ApiView):
    """What views of times to meet share."""

    serializer_class = MeetingTimeSerializer
    id_description = "Id of a time to meet."

    def get_queryset(self) -> QuerySet[MeetingTime]:
        """Return those of one's own appointments; to read also those that are offered to one."""
        by = acting(self.principal, self.right)
        return meeting_times_seen(by) if self.right is Action.SEE_MEETING_TIME else own_meeting_times(by)

    def subject_of(self, obj: MeetingTime) -> Subject:
        """Return whose it is: whoever finds one may read it, and its patient takes it back."""
        sees = self.right is Action.SEE_MEETING_TIME
        owner = self.principal.user_id if sees else obj.appointment.patient.user_id
        return Subject(sites=frozenset({obj.appointment.site_id}), owner=owner)

    def lock(self, obj: MeetingTime) -> None:
        """Lock the appointment first, as offering it and taking it back do. Raises Missing."""
        locked(obj.appointment.public_id)
        super().lock(obj)


class MeetingTimesView(MeetingTimeView, ApiListView):
    """Times to meet, and offering one."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List the times to meet that you offer, or that your family offers you",
        "POST": "Offer an appointment of yours to your family as a time to meet",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_MEETING_TIME, "POST": Action.OFFER_MEETING_TIME}
    form: ClassVar[type[StrictSerializer]] = MeetingTimeCreateSerializer
    idempotent = "honoured"

    @extend_schema(responses={201: MeetingTimeSerializer})
    def post(self, request: Request) -> Response:
        """Let those of your family whose link is in force see when and where it is. Offered twice it is once.

        Whoever of them books within half an hour of it follows it as `cancel_policy` says.
        """
        return self.once(self.offered)

    def offered(self) -> Answer:
        """Offer what the body names. Raises Invalid, NoFamilyTime, MoveNotAllowed."""
        sent, by = self.validated_body(), acting(self.principal, self.right)
        try:
            visit = queries.appointment(sent.pop("appointment"), by=by)
        except Missing as error:
            raise Invalid(_("There is no such appointment."), pointer="/appointment") from error
        made = meeting_times.offer(visit, by=self.principal, at=self.at, **sent)
        return self.answer_with(self.get_queryset().get(pk=made.pk), status=201)


class MeetingTimeDetailView(MeetingTimeView):
    """One time to meet."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a time to meet", "DELETE": "Take a time to meet back"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_MEETING_TIME, "DELETE": Action.OFFER_MEETING_TIME}
    conditional = True

    def get(self, request: Request, **_kwargs: object) -> Response:
        """Answer with it."""
        return self.detail(self.get_object())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_kwargs: object) -> Response:
        """Show it no more, from the next request on. What was booked beside it stands; twice is the same as once."""
        self.as_seen(self.withdrawn)()
        return Response(status=204)

    def withdrawn(self) -> None:
        """Take it back. Raises Missing, Changed."""
        meeting_times.withdraw(self.to_change().appointment, by=self.principal, at=self.at)
