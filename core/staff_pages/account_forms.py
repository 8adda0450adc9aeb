"""Forms for the accounts and roles of a site's staff; what is saved goes through actions."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _

from core import clock
from core.accounts.actions import people
from core.database.transactions import rehearsal
from core.forms import AddressInput
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, sites_for
from core.roles import GIVEN
from core.staff_pages.action_form import ActionForm
from core.staff_pages.site_time import at_site, put_zone, put_zones
from core.text.languages import zone_in_words

ROLES = [(role.value, role.label) for role in GIVEN]


class ActForm(ActionForm):
    """A form that saves by an action. `by` is set by the admin: who acts."""

    by: ClassVar[Principal]

    def clean(self) -> dict[str, Any]:
        """Try the act and show what is refused, by field where it has one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                with rehearsal(only=True):
                    self.act()
            except Refusal as refusal:
                self.show(refusal)
        return cleaned

    def end_of_role(self, site: Site) -> datetime | None:
        """Return until when, by the clock of the site."""
        data = self.cleaned_data["ends_at"]
        return at_site(data, site) if data else None

    def tell_whose_time(self, site: Site | None) -> None:
        """Say beside the end of a role whose clock it goes by: that of `site`, or of the one that is chosen."""
        until = self.fields["ends_at"]
        until.help_text = zone_in_words(site.tz) if site else _("By the clock of that site.")
        if site:
            put_zone(until.widget, site.tz)
        else:
            put_zones(self.fields["site"].widget, self.sites)

    @property
    def sites(self) -> Any:
        """The sites whose accounts they keep."""
        return Site.objects.filter(pk__in=sites_for(self.by, Action.EDIT_ACCOUNTS))


class NewAccountForm(ActForm):
    """Somebody new, with what they act as and where."""

    name = forms.CharField(label=_("First and last name"), max_length=150)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 12 letters. They can change it once they have signed in."),
    )
    role = forms.ChoiceField(label=_("Acts as"), choices=ROLES)
    site = forms.ModelChoiceField(Site.objects.none(), label=_("At"))
    ends_at = forms.SplitDateTimeField(label=_("Until"), widget=AdminSplitDateTime, required=False)

    class Meta:
        model = User
        fields = ["username", "name", "email", "password", "role", "site", "ends_at"]
        widgets: ClassVar[dict[str, Any]] = {"email": AddressInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = self.sites  # type: ignore[attr-defined]
        self.fields["email"].required = True
        self.tell_whose_time(None)

    def act(self) -> User:
        """Add the account and its first role."""
        data = self.cleaned_data
        who = {name: data[name] for name in ("username", "name", "email", "password")}
        what = {"role": data["role"], "site": data["site"], "ends_at": self.end_of_role(data["site"])}
        return people.add_staff(**who, **what, by=self.by, at=clock.now())


class AccountForm(ActForm):
    """Somebody who works at a site: their name, how to write to them, and whether they sign in."""

    name = forms.CharField(label=_("First and last name"), max_length=150)
    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        strip=False,
        required=False,
        help_text=_("Empty: as it is."),
    )

    class Meta:
        model = User
        fields = ["name", "email", "password", "is_active"]
        labels: ClassVar[dict[str, Any]] = {"is_active": _("May sign in")}
        widgets: ClassVar[dict[str, Any]] = {"email": AddressInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.initial["name"] = self.instance.get_full_name()
            self.initial["password"] = ""

    def act(self) -> User:
        """Change the account."""
        sent = self.sent("name", "email", "password", "is_active")
        return people.change_account(self.instance, by=self.by, at=clock.now(), **sent)


class RoleForm(ActForm):
    """What somebody acts as, where, and until when."""

    class Meta:
        model = RoleAssignment
        fields = ["user", "role", "site", "ends_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("site", self.sites), ("user", people.accounts(self.by))):
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset, field.required = rows, True
        if "user" in self.fields:
            user: Any = self.fields["user"]
            user.label_from_instance = lambda one: f"{one.get_full_name()} ({one.get_username()})"
        if "role" in self.fields:
            self.fields["role"] = forms.ChoiceField(choices=ROLES, label=_("Acts as"))
        if "ends_at" in self.fields:
            self.tell_whose_time(self.instance.site)
        if self.instance.site:
            self.zone_shown = self.instance.site.tz

    def act(self) -> RoleAssignment:
        """Give the role, or say when it ends."""
        data = self.cleaned_data
        if not self.adding and "ends_at" not in self.changed_data:
            stands: RoleAssignment = self.instance
            return stands
        site = data["site"] if self.adding else self.instance.site
        how: dict[str, Any] = {"by": self.by, "at": clock.now(), "ends_at": self.end_of_role(site)}
        if not self.adding:
            return people.end_role(self.instance, **how)
        return people.give_role(data["user"], role=data["role"], site=site, **how)
