"""The forms of those who treat, and of what they offer where."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Site, User
from core.roles import Role
from scheduler.actions import practitioners
from scheduler.actions.practitioners import FIELDS
from scheduler.catalogue.checks import professions
from scheduler.models import Offering, Practitioner, Therapy
from scheduler.models.catalogue import VisitType
from scheduler.setup_forms.catalogue import CatalogueForm, CleanedData
from scheduler.setup_forms.fields import (
    LanguageTagsField,
    LocalizedChoiceField,
    LocalizedMultipleChoiceField,
    tick_boxes,
)
from scheduler.sheets.edit_impact import Impact


class PractitionerForm(CatalogueForm):
    """Somebody who treats; when they are new, also what they offer."""

    added_only = ("therapies",)
    site_path = "resources__sites"
    languages = LanguageTagsField(
        label=_("Languages"), initial=["en"], help_text=_("With commas, such as English, Spanish.")
    )
    nucc = forms.ChoiceField(label=_("Profession"))
    sites = LocalizedMultipleChoiceField(Site.objects.none(), label=_("Works at"))
    user = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Account"),
        required=False,
        help_text=_("With which they sign in to their own calendar."),
    )
    therapies = LocalizedMultipleChoiceField(
        Therapy.objects.none(),
        label=_("Offers"),
        required=False,
        help_text=_("First and follow-up appointments at each site ticked; offers can be changed later."),
    )

    class Meta:
        model = Practitioner
        fields = [
            "name", "credentials", "nucc", "languages", "gender", "lanes", "sites", "therapies", "user", "active",
        ]  # fmt: skip
        labels: ClassVar[CleanedData] = {"lanes": _("Patients at rest at once")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "nucc" in self.fields:
            self.fields["nucc"].choices = list(professions().items())  # type: ignore[attr-defined]
        if "user" in self.fields:
            # Only accounts that act as practitioners there: a slip of the mouse gives nobody another person's calendar.
            held = Q(assignments__role=Role.PRACTITIONER, assignments__site__in=self.scope.catalogue)
            own = Q(pk=self.instance.user_id) if self.instance.user_id else Q(pk__in=[])
            field: Any = self.fields["user"]
            field.queryset = User.objects.filter(held | own).distinct()
            field.label_from_instance = lambda user: user.get_full_name() or user.get_username()
        if "sites" in self.fields:
            here = Site.objects.filter(resources__practitioner=self.instance).distinct() if not self.adding else None
            reached = list(self.choices("sites"))
            self.initial["sites"] = reached[:1] if here is None and len(reached) == 1 else list(here or [])

    def act(self, *, dry_run: bool = False) -> Impact[Practitioner]:
        """Add them with what they offer, or change them. Sites out of reach stay as they are."""
        fields, chosen = self.cleaned(*FIELDS), list(self.cleaned_data["sites"])
        if not self.adding:
            where = chosen if "sites" in self.changed_data else None
            return practitioners.change_practitioner(
                self.instance, sites=where, reached=self.scope.catalogue, dry_run=dry_run, **self.acting, **fields
            )
        therapies = list(self.cleaned_data["therapies"])
        return practitioners.add_practitioner(sites=chosen, therapies=therapies, **self.acting, **fields)


class OfferingForm(CatalogueForm):
    """What somebody offers at a site; several therapies at once when they are new."""

    added_only = ("practitioner", "site", "therapies")
    practitioner = LocalizedChoiceField(Practitioner.objects.none(), label=_("Practitioner"))
    site = LocalizedChoiceField(Site.objects.none(), label=_("Site"))
    therapies = LocalizedMultipleChoiceField(Therapy.objects.none(), label=_("Therapies"))
    visits = tick_boxes(VisitType.choices, label=_("Appointments"), initial=VisitType.values)

    class Meta:
        model = Offering
        fields = ["practitioner", "site", "therapies", "visits"]

    def act(self, *, dry_run: bool = False) -> Impact[Offering]:
        how = self.acting | self.cleaned("visits") | {"dry_run": dry_run}
        if not self.adding:
            return practitioners.change_offering(self.instance, **how)
        what: CleanedData = {"site": self.given("site"), "therapies": list(self.cleaned_data["therapies"])}
        return practitioners.add_offerings(self.given("practitioner"), **what, **how)

    def show(self, refusal: Any) -> None:
        """Put what is refused of a therapy beside those to tick."""
        for error in refusal.facts.get("errors", ()):
            error["pointer"] = error["pointer"].replace("/therapy", "/therapies")
        super().show(refusal)
