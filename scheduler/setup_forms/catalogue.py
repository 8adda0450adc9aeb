"""The forms of the catalogue. What is saved goes through actions, which refuse beside the field what cannot be."""

from datetime import time
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import clock
from core.models import Site
from core.text.languages import localized
from scheduler.actions import rooms, sites, travel
from scheduler.actions.catalogue_edits import change
from scheduler.catalogue.checks import features, pools
from scheduler.catalogue.english_texts import english
from scheduler.catalogue.families import families
from scheduler.catalogue.visible_rows import offered_at
from scheduler.device_kinds import kind_in_words
from scheduler.models import Device, OpeningHours, Place, Practitioner, Room, Therapy, TravelTime
from scheduler.models.calendars import Weekday
from scheduler.setup_forms.edit_form import EditForm
from scheduler.setup_forms.edit_scope import EditScope
from scheduler.setup_forms.fields import (
    EndTimeField,
    LocalizedChoiceField,
    LocalizedMultipleChoiceField,
    TypedTimeField,
    WeekdaysField,
    key_for,
    tick_boxes,
)
from scheduler.sheets.edit_impact import Impact

CleanedData = dict[str, Any]


class CatalogueForm(EditForm):
    """An entry of the catalogue. `texts`: of which English is typed here; `site_path` leads to its site."""

    texts: ClassVar[tuple[str, ...]] = ()
    site_path: ClassVar[str] = "site"
    added_only: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.added_only:
            if not self.adding:
                self.fields.pop(name, None)
        for name in self.texts:
            if name in self.fields and not self.adding:
                self.initial[name] = getattr(self.instance, name).get("en", "")
        for name, field in self.fields.items():
            if isinstance(field, LocalizedMultipleChoiceField | LocalizedChoiceField):
                field.queryset = self.choices(name)

    @classmethod
    def rows_in_reach(cls, scope: EditScope) -> QuerySet[Any]:
        """Return the entries at the sites that somebody sets up."""
        rows: Any = cls._meta.model._default_manager
        found: QuerySet[Any] = rows.filter(pk__in=rows.filter(**{f"{cls.site_path}__in": scope.catalogue}).values("pk"))
        return found

    def choices(self, name: str) -> Any:
        """Return the rows that can be chosen."""
        reached = Site.objects.filter(pk__in=self.scope.catalogue)
        return {
            "site": reached,
            "sites": reached,
            "other_site": Site.objects.filter(active=True),
            "room": Room.objects.filter(site__in=self.scope.catalogue).select_related("site"),
            "practitioner": Practitioner.objects.filter(resources__sites__in=self.scope.catalogue).distinct(),
            "therapies": Therapy.objects.filter(active=True),
        }[name]

    @property
    def acting(self) -> CleanedData:
        """Who edits, and when."""
        return {"by": self.scope.by, "at": clock.now()}

    def cleaned(self, *names: str) -> CleanedData:
        """Return what was typed or changed; of texts that are there, under `english`, what was typed."""
        values = self.sent(*names)
        typed = {name: values.pop(name) for name in self.texts if name in values}
        # A text is one column with all its languages: of it, this form knows English alone.
        if self.adding:
            return values | {name: english(text) for name, text in typed.items()}
        return values | ({"english": typed} if typed else {})


def line(label: Any, *, longest: int, **kwargs: Any) -> forms.CharField:
    """Return a field for a line of text."""
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput({"size": 60}), **kwargs)


def paragraph(label: Any, **kwargs: Any) -> forms.CharField:
    """Return a field for a few lines, which may be left out."""
    return forms.CharField(
        label=label, required=False, max_length=2000, widget=forms.Textarea({"rows": 3, "cols": 60}), **kwargs
    )


SITE_FIELDS = (
    "name", "street", "floor", "city", "state", "postal_code", "phone", "zone", "directions", "parking",
    "arrive_early_minutes", "hospital", "phone_hours", "privacy_notice", "accessibility_note", "active",
)  # fmt: skip


class SiteForm(CatalogueForm):
    """A site: one address with its rooms."""

    texts = ("name", "directions", "parking", "phone_hours", "privacy_notice", "accessibility_note")
    site_path = "pk"
    added_only = ("zone", "open_on", "opens", "closes")
    name = line(_("Name"), longest=80, help_text=_("It must not tell why people come."))
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        initial="America/Chicago",
        help_text=_("It cannot be changed later."),
    )
    open_on = WeekdaysField(label=_("Open on"), required=False, initial=[1, 2, 3, 4, 5])
    opens = TypedTimeField(label=_("Opens"), required=False, initial=time(8), help_text=_("Such as 8:00 AM."))
    closes = EndTimeField(
        label=_("Closes"),
        required=False,
        initial=time(18),
        help_text=_("Such as 6:00 PM, or midnight. Other days and times can be added later."),
    )
    directions = paragraph(_("Directions"))
    parking = paragraph(_("Parking"))
    hospital = line(
        _("Hospital"),
        longest=120,
        required=False,
        help_text=_("At the foot of every page and mail: it must not tell why people come."),
    )
    phone_hours = line(
        _("When the phone is answered"),
        longest=120,
        required=False,
        help_text=_("Such as: Monday to Friday, 8 AM to 5 PM."),
    )
    privacy_notice = paragraph(
        _("Privacy: who answers for it"),
        help_text=_("It stands on the page about privacy: who is responsible, and how to reach them."),
    )
    accessibility_note = paragraph(
        _("Accessibility of the site"),
        help_text=_("It stands on the page about accessibility: how to come in, and whom to ask for help."),
    )

    class Meta:
        model = Site
        fields = [
            "name", "street", "floor", "city", "state", "postal_code", "phone", "zone", "open_on", "opens", "closes",
            "directions", "parking", "arrive_early_minutes", "hospital", "phone_hours", "privacy_notice",
            "accessibility_note", "active",
        ]  # fmt: skip
        labels: ClassVar[CleanedData] = {"arrive_early_minutes": _("How many minutes before they should come")}

    def clean(self) -> CleanedData:
        """Ask for both times where days are ticked."""
        for name in ("opens", "closes"):
            if self.cleaned_data.get("open_on") and not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, _("Give a time, or tick no day."))
        return super().clean()

    def act(self, *, dry_run: bool = False) -> Impact[Site]:
        """Add the site and open it, or change it."""
        fields = self.cleaned(*SITE_FIELDS)
        if not self.adding:
            return change(self.instance, dry_run=dry_run, **self.acting, **fields)
        key = key_for(fields["name"]["en"], lambda key: Site.objects.filter(key=key).exists(), otherwise="site")
        opening = tuple(self.cleaned_data[name] for name in ("open_on", "opens", "closes"))
        return sites.add_site(key=key, opening=opening if opening[0] else None, **self.acting, **fields)


class OpeningHoursForm(CatalogueForm):
    """When a site's places and devices can be used; several days at once when they are new."""

    site = LocalizedChoiceField(Site.objects.none(), label=_("Site"))
    weekday = WeekdaysField(label=_("Weekdays"))

    class Meta:
        model = OpeningHours
        fields = ["site", "weekday", "opens", "closes"]
        field_classes: ClassVar[dict[str, Any]] = {"opens": TypedTimeField, "closes": EndTimeField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.adding and "weekday" in self.fields:
            self.fields["weekday"] = forms.TypedChoiceField(choices=Weekday.choices, coerce=int, label=_("Weekday"))

    def act(self, *, dry_run: bool = False) -> Impact[OpeningHours]:
        how = self.acting | self.cleaned("opens", "closes") | {"dry_run": dry_run}
        if self.adding:
            return sites.add_opening_hours(self.given("site"), weekdays=self.cleaned_data["weekday"], **how)
        return sites.change_opening_hours(self.instance, **how, **self.sent("weekday"))


class TravelTimeForm(CatalogueForm):
    """Minutes between one of their sites and any other."""

    site = LocalizedChoiceField(Site.objects.none(), label=_("Site"))
    other_site = LocalizedChoiceField(Site.objects.none(), label=_("Other site"))

    class Meta:
        model = TravelTime
        fields = ["site", "other_site", "minutes"]

    def act(self, *, dry_run: bool = False) -> Impact[TravelTime]:
        how = self.acting | {"dry_run": dry_run}
        if self.adding:
            pair = self.given("site"), self.given("other_site")
            return travel.add_travel_time(*pair, minutes=self.cleaned_data["minutes"], **how)
        return travel.change_travel_time(self.instance, **self.sent("minutes"), **how)


class RoomForm(CatalogueForm):
    """A room."""

    texts = ("name",)
    name = line(_("Name"), longest=80)
    site = LocalizedChoiceField(Site.objects.none(), label=_("Site"))
    suite = forms.SlugField(
        label=_("Part of the building"),
        initial="main",
        help_text=_("Rooms of one part lie within call of each other: one word, such as main or east."),
    )

    class Meta:
        model = Room
        fields = ["site", "name", "suite"]

    def act(self, *, dry_run: bool = False) -> Impact[Room]:
        how = self.acting | self.cleaned("name", "suite") | {"dry_run": dry_run}
        if not self.adding:
            return change(self.instance, **how)
        site = self.given("site")
        key = key_for(how["name"]["en"], lambda key: Room.objects.filter(site=site, key=key).exists(), otherwise="room")
        return rooms.add_room(site, key=key, **how)


class PlaceForm(CatalogueForm):
    """A place in a room, where one patient lies or sits."""

    texts = ("name",)
    site_path = "room__site"
    name = line(_("Name"), longest=80)
    room = LocalizedChoiceField(Room.objects.none(), label=_("Room"))

    class Meta:
        model = Place
        fields = ["room", "name", "features", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "features" in self.fields:
            here = [] if self.adding else self.instance.features
            known = sorted(features() | set(here))
            self.fields["features"] = tick_boxes(
                [(name, name.replace("_", " ")) for name in known],
                label=_("What is there"),
                required=False,
                initial=["table"] if self.adding else here,
                help_text=_("Most appointments need a table, moxibustion one with ventilation: a local exhaust."),
            )
            self.initial["features"] = self.fields["features"].initial

    def act(self, *, dry_run: bool = False) -> Impact[Place]:
        how = self.acting | self.cleaned("name", "features", "active") | {"dry_run": dry_run}
        if not self.adding:
            return change(self.instance, **how)
        room = self.given("room")
        key = key_for(how["name"]["en"], lambda key: room.places.filter(key=key).exists(), otherwise="place")
        return rooms.add_place(room, key=key, **how)


class DeviceForm(CatalogueForm):
    """A unit that is counted."""

    site = LocalizedChoiceField(Site.objects.none(), label=_("Site"))

    class Meta:
        model = Device
        fields = ["site", "pool", "number", "reprocess_minutes", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "pool" in self.fields:
            named = [(name, kind_in_words(name)) for name in pools()]
            self.fields["pool"] = forms.ChoiceField(choices=named, label=_("Kind"))
        if "reprocess_minutes" in self.fields and self.adding:
            self.fields["reprocess_minutes"].required = False
            self.initial["reprocess_minutes"] = None
            self.fields["reprocess_minutes"].help_text = _("Until it can be used again. Empty: as is usual.")

    def act(self, *, dry_run: bool = False) -> Impact[Device]:
        how = self.acting | self.cleaned("reprocess_minutes", "active") | {"dry_run": dry_run}
        if not self.adding:
            return change(self.instance, **how)
        return rooms.add_device(self.given("site"), **self.cleaned("pool", "number"), **how)


class TherapyForm(CatalogueForm):
    """A therapy: what people read of it, and whether it can be booked."""

    texts = ("name", "summary", "bring_and_wear")
    name = line(_("Name"), longest=120)
    summary = line(_("In one plain line"), longest=300)
    bring_and_wear = paragraph(_("What to bring and wear"))
    family = forms.ChoiceField(
        label=_("Family"),
        choices=lambda: [(family.key, localized(family.name)) for family in families()],
        help_text=_("People choose a family first, then a therapy of it."),
    )

    class Meta:
        model = Therapy
        fields = ["name", "summary", "bring_and_wear", "family", "self_bookable", "active"]
        labels: ClassVar[CleanedData] = {"self_bookable": _("Patients may book it themselves")}

    @classmethod
    def rows_in_reach(cls, scope: EditScope) -> QuerySet[Any]:
        """Return the therapies that somebody changes, for all sites: those given at one of theirs, or nowhere yet."""
        found: QuerySet[Any] = Therapy.objects.filter(offered_at(scope.catalogue))
        return found

    def act(self, *, dry_run: bool = False) -> Impact[Therapy]:
        sent = self.cleaned(*self.texts, "family", "self_bookable", "active")
        return change(self.instance, dry_run=dry_run, **self.acting, **sent)
