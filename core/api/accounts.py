"""Accounts and roles over the wire: the administrators of a site keep those of its staff."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts.actions import people
from core.api.strict import Instant, StrictSerializer
from core.api.texts import LineField
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.models import RoleAssignment, Site, User
from core.refusals import Invalid
from core.rights import Action, Subject
from core.staff_pages.account_forms import ROLES


class AccountSerializer(serializers.ModelSerializer[User]):
    """Somebody who signs in. What they act as is in `roles/?account=`."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="get_full_name")
    active = serializers.BooleanField(source="is_active", help_text="Whether they may sign in.")

    class Meta:
        model = User
        fields = ["id", "username", "name", "email", "active"]


class AccountUpdateSerializer(StrictSerializer):
    """What may be changed of an account."""

    name = LineField(max_length=150, help_text="First and last name.")
    email = LineField(max_length=254)
    active = serializers.BooleanField(source="is_active", help_text="Whether they may sign in.")


class RoleGrantSerializer(StrictSerializer):
    """What somebody acts as, where, and until when."""

    role = serializers.ChoiceField(ROLES)
    site = serializers.SlugField(help_text="Key of a site.")
    ends_at = Instant(allow_null=True, default=None, help_text="Null: it goes on.")


class AccountCreateSerializer(RoleGrantSerializer):
    """Somebody new who signs in, with what they act as first."""

    username = LineField(max_length=150)
    name = LineField(max_length=150, help_text="First and last name.")
    email = LineField(max_length=254)
    password = serializers.CharField(
        max_length=1000,
        trim_whitespace=False,
        write_only=True,
        style={"input_type": "password"},
        help_text="Their first one, of 12 letters or more; they can change it. No answer ever shows it.",
    )


class RoleSerializer(serializers.ModelSerializer[RoleAssignment]):
    """What somebody acts as, where, and until when."""

    id = serializers.UUIDField(source="public_id")
    account = serializers.UUIDField(source="user.public_id")
    username = serializers.CharField(source="user.username")
    role = serializers.CharField()
    site = serializers.SlugField(source="site.key")

    class Meta:
        model = RoleAssignment
        fields = ["id", "account", "username", "role", "site", "starts_at", "ends_at"]


class RoleCreateSerializer(RoleGrantSerializer):
    """What somebody is to act as from now on."""

    account = serializers.UUIDField(help_text="Id of an account.")


class RoleEndSerializer(StrictSerializer):
    """When a role ends. A time that is past means now."""

    ends_at = Instant(allow_null=True, help_text="Null: it goes on.")


class AccountFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Accounts by the name that somebody signs in with."""

    username = django_filters.CharFilter("username", help_text="The name that somebody signs in with.")

    class Meta:
        model = User
        fields = ["username"]


class RoleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Roles of an account or at a site."""

    account = django_filters.UUIDFilter("user__public_id", help_text="Id of an account.")
    site = django_filters.CharFilter("site__key", help_text="Key of a site.")

    class Meta:
        model = RoleAssignment
        fields = ["account", "site"]


def find_site(key: str) -> Site:
    """Return the site named in a body. Raises Invalid."""
    found = Site.objects.filter(key=key).first()
    if found is None:
        raise Invalid(_("There is no such site."), pointer="/site")
    return found


class AccountView(ApiView):
    """Accounts of staff."""

    serializer_class = AccountSerializer
    id_description = "Id of an account."
    idempotent = "honoured"

    def get_queryset(self) -> QuerySet[User]:
        """Return the accounts in reach."""
        return people.accounts(self.principal).order_by("username")

    def subject_of(self, obj: User) -> Subject:
        """Return the sites where somebody acts, or did."""
        return Subject(sites=frozenset(filter(None, obj.assignments.values_list("site_id", flat=True))))


class AccountListView(AccountView, ApiListView):
    """The accounts of the staff of one's sites."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List accounts of staff",
        "POST": "Add an account with its first role",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.EDIT_ACCOUNTS, "POST": Action.EDIT_ACCOUNTS}
    form = AccountCreateSerializer
    filterset_class = AccountFilter

    @extend_schema(responses={201: AccountSerializer})
    def post(self, request: Request) -> Response:
        """Add somebody who signs in, with what they act as first."""
        return self.once(self.added)

    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        site = find_site(sent.pop("site"))
        return self.answer_with(people.add_staff(**sent, site=site, by=self.principal, at=self.at), status=201)


class AccountDetailView(AccountView):
    """One account of the staff; nobody changes their own."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read an account", "PATCH": "Change an account, or block it"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.EDIT_ACCOUNTS, "PATCH": Action.EDIT_ACCOUNTS}
    form = AccountUpdateSerializer
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the account."""
        return self.detail(self.get_object())

    @extend_schema(responses=AccountSerializer)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; the others stay. Nobody changes their own."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the account as the body says. Raises Missing, Forbidden, Invalid."""
        account = self.to_change()
        return self.answer_with(people.change_account(account, by=self.principal, at=self.at, **self.validated_body()))


class RoleView(ApiView):
    """Roles at one's sites."""

    serializer_class = RoleSerializer
    id_description = "Id of a role."
    idempotent = "honoured"

    def get_queryset(self) -> QuerySet[RoleAssignment]:
        """Return the roles in reach."""
        return people.roles(self.principal).order_by("user__username", "starts_at", "pk")

    def subject_of(self, obj: RoleAssignment) -> Subject:
        """Return the site where it is held."""
        return Subject(sites=frozenset({obj.site_id} if obj.site_id else ()))


class RoleListView(RoleView, ApiListView):
    """What people act as at one's sites, also what has ended."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List roles, ended ones too",
        "POST": "Give an account a role at a site",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.EDIT_ACCOUNTS, "POST": Action.EDIT_ACCOUNTS}
    form = RoleCreateSerializer
    filterset_class = RoleFilter

    @extend_schema(responses={201: RoleSerializer})
    def post(self, request: Request) -> Response:
        """Let somebody act as something at a site from now on. Nobody gives a role to themselves."""
        return self.once(self.given)

    def given(self) -> Answer:
        """Give the role that the body names. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        account = people.accounts(self.principal).filter(public_id=sent.pop("account")).first()
        if account is None:
            raise Invalid(_("There is no such account."), pointer="/account")
        site = find_site(sent.pop("site"))
        return self.answer_with(people.give_role(account, site=site, by=self.principal, at=self.at, **sent), status=201)


class RoleDetailView(RoleView):
    """A role. It is ended and never deleted."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read a role",
        "PATCH": "Set when a role ends",
        "DELETE": "End a role now",
    }
    rights: ClassVar[dict[str, Action]] = dict.fromkeys(("GET", "PATCH", "DELETE"), Action.EDIT_ACCOUNTS)
    form = RoleEndSerializer
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the role."""
        return self.detail(self.get_object())

    @extend_schema(responses=RoleSerializer)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Say when the role ends."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Let the role end when the body says. Raises Missing, Forbidden, Invalid."""
        role, sent = self.to_change(), self.validated_body()
        return self.answer_with(people.end_role(role, **sent, by=self.principal, at=self.at) if sent else role)

    @extend_schema(responses={200: RoleSerializer})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """End the role now; the row stays. One that has ended stays as it is."""
        return self.once(self.ended)

    def ended(self) -> Answer:
        """End the role. Raises Missing, Forbidden."""
        role = self.to_change()
        over = role.ends_at is not None and role.ends_at <= self.at
        return self.answer_with(role if over else people.end_role(role, ends_at=self.at, by=self.principal, at=self.at))
