"""One's own API tokens: which there are, and ending one or all."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts import tokens
from core.api.views import ApiListView, ApiView
from core.rights import Action, Subject


class TokenSerializer(serializers.Serializer[Any]):
    """A token, without what opens the door."""

    id = serializers.CharField(source="token_key", help_text="The first letters of the token.")
    name = serializers.CharField(source="note.name", default="")
    created = serializers.DateTimeField()
    last_used = serializers.DateTimeField(
        source="note.used_at", default=None, allow_null=True, help_text="To the hour; null: not yet."
    )
    ends = serializers.DateTimeField(source="expiry", allow_null=True)


class OwnTokenView(ApiView):
    """The tokens of whoever asks that have not ended, and no others, also for an administrator."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_SELF, "DELETE": Action.REVOKE}
    serializer_class = TokenSerializer
    id_description = "The first letters of a token, as the list shows them."
    queryset = AuthToken.objects.none()

    def get_queryset(self) -> QuerySet[AuthToken]:
        """Return one's own tokens that have not ended."""
        return tokens.live(self.at).filter(user_id=self.principal.user_id)

    def subject_of(self, obj: Any) -> Subject:
        """Return whose token it is."""
        return Subject(owner=obj.user_id)


class TokenListView(OwnTokenView, ApiListView):
    """One's own API tokens."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List your own API tokens",
        "DELETE": "Revoke all of your own API tokens",
    }

    @extend_schema(responses={204: None}, operation_id="me_tokens_destroy_all")
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End all of one's own tokens, also the one that asks."""
        self.get_queryset().delete()
        return Response(status=204)


class TokenDetailView(OwnTokenView):
    """One of one's own API tokens."""

    summaries: ClassVar[dict[str, str]] = {"DELETE": "Revoke one of your own API tokens"}
    rights: ClassVar[dict[str, Action]] = {"DELETE": Action.REVOKE}
    lookup_field = "token_key"
    conditional = True

    @extend_schema(responses={204: None})
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a token; from the next request on it opens nothing."""
        self.as_seen(lambda: self.to_change().delete())()
        return Response(status=204)
