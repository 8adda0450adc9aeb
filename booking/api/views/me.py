"""Who am I: the roles that whoever is signed in holds, and their own records."""

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from core.api.etags import etag_of
from core.api.views import ApiView
from core.models import Site, User
from core.rights import Action
from core.roles import Role


class HeldRoleSerializer(serializers.Serializer[Any]):
    """A role, and where it holds."""

    role = serializers.ChoiceField(Role.choices)
    site = serializers.SlugField(allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    """Whoever is signed in."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    roles = HeldRoleSerializer(many=True)
    patient = serializers.UUIDField(allow_null=True, help_text="One's own record as a patient.")


class MeView(ApiView):
    """Who the token or session belongs to, with roles and sites."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read who is signed in, with roles and patient record"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_SELF}

    conditional = True

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the roles one holds now."""
        keys = dict(Site.objects.values_list("pk", "key"))
        held = [{"role": role.value, "site": keys.get(site) if site else None} for role, site in self.principal.roles]
        own = queries.own_record(self.principal)
        roles = sorted(held, key=lambda one: (one["role"], one["site"] or ""))
        facts = {"roles": roles, "patient": own.public_id if own else None}
        body = MeSerializer(_signed_in(request.user) | facts).data
        return self.conditional_response(body, etag=etag_of(body))


def _signed_in(user: User | AnonymousUser) -> dict[str, Any]:
    if not isinstance(user, User):
        raise NotAuthenticated
    return {"id": user.public_id, "name": user.get_full_name() or user.get_username()}
