"""Requests that somebody looks at before they are booked: the list, oldest first, and the page to decide."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import queries
from booking.actions import booking_checks, requested_slots
from booking.actions.suitability import review_answers
from booking.admin.appointments import reader
from booking.cancel_reasons import CancelReason, DeclineReason
from booking.models import Appointment, ReviewRequest
from booking.models.patients import ContactSystem
from booking.queries import mail_of
from booking.status import Move, Status
from booking.web.labels import how_they_hear, therapy_in_words, visit_in_words
from core import clock
from core.accounts.principals import principal_of
from core.admin import ReadOnlyPermissions
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action, acting, sites_for
from core.staff_pages.edits import in_words
from core.text.languages import near_day_in_words, short_day_in_words, time_in_words, when_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import iso_date

MOVES = {"accept": Move.APPROVE, "offer": Move.RESCHEDULE, "decline": Move.DECLINE, "take-back": Move.UNDO}


def reviewer(request: HttpRequest) -> Principal:
    """Return who asks, with those roles alone that decide about requests."""
    return acting(reader(request), Action.REVIEW)


class StateFilter(admin.SimpleListFilter):
    """Requests to decide about, unless others are asked for."""

    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what is not the default."""
        return [("declined", gettext_lazy("Declined today"))]

    def choices(self, changelist: Any) -> Any:
        """Name the default for what it is."""
        first, *others = super().choices(changelist)
        return [first | {"display": gettext_lazy("To decide about")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what waits, or what was declined and can be taken back."""
        at = clock.now()
        if self.value() != "declined":
            return queries.to_review(queryset.filter(status=Status.PROPOSED), at=at)
        return queries.declined_today(queryset, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTime:
    """A time that can be offered instead."""

    id: str
    words: str


@admin.register(ReviewRequest)
class ReviewRequestAdmin(ReadOnlyPermissions, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """The requests of one's sites: who asks for what and when, by when to decide, and how long the time is kept."""

    list_display = ("person", "what", "starts", "due", "waits_for", "until", "with_whom", "site")
    list_filter = [StateFilter, ("site", admin.RelatedOnlyFieldListFilter)]
    ordering = ("created_at",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the requests that somebody may decide about."""
        rows = ReviewRequest.objects.visible_to(reviewer(request)).prefetch_related("patient__contacts")
        return rows.select_related("patient", "practitioner", "site", "therapy").order_by(*self.ordering)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Answer the filters beside the list and no other question: each would tell what the list keeps to itself."""
        return lookup in {"state", "site__id__exact"}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody decides about requests at all; which, `get_queryset` says."""
        return bool(reviewer(request).roles)

    has_module_permission = has_view_permission

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the requests."""
        return super().changelist_view(request, {"title": _("Requests to decide about")} | (extra_context or {}))

    @admin.display(description=gettext_lazy("patient"))
    def person(self, visit: Appointment) -> str:
        """Who asks."""
        return visit.patient.name

    @admin.display(description=gettext_lazy("for what"))
    def what(self, visit: Appointment) -> str:
        """Say what they ask for."""
        return f"{therapy_in_words(visit.therapy.name, visit.technique)}, {visit_in_words(visit.visit)}"

    @admin.display(description=gettext_lazy("when"), ordering="period")
    def starts(self, visit: Appointment) -> str:
        """When it would start, by the site's clock."""
        return _short(visit.period.lower, visit)

    @admin.display(description=gettext_lazy("with"))
    def with_whom(self, visit: Appointment) -> str:
        """Return the practitioner's name."""
        return visit.practitioner.name

    @admin.display(description=gettext_lazy("decide by"), ordering="created_at")
    def due(self, visit: Appointment) -> str:
        """By when they were told that they hear, by the site's clock; and that this is over."""
        due_at = booking_checks.review_of(visit).due_at
        if due_at is None:
            return ""
        words = _short(due_at, visit)
        return _("overdue since %s") % words if due_at <= clock.now() else words

    @admin.display(description=gettext_lazy("kept until"), ordering="kept_until")
    def until(self, visit: Appointment) -> str:
        """Until when the time is kept for it, by the site's clock."""
        return _short(visit.kept_until, visit) if visit.kept_until else ""

    @admin.display(description=gettext_lazy("waits for"))
    def waits_for(self, visit: Appointment) -> str:
        """Whose answer is awaited."""
        if visit.status != Status.PROPOSED:
            return ""
        return _("their answer to another time") if queries.review_answer(visit).offered else _("us")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one request with what can be answered, or answer it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        visit = self.get_object(request, object_id)
        if visit is None:
            raise Http404
        if request.method == "POST":
            return self._answered(request, visit)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": _("Decide about a request")}
        context |= self._facts(request, visit)
        return TemplateResponse(request, "admin/booking/reviewrequest/decide.html", context)

    def _facts(self, request: HttpRequest, visit: Appointment) -> dict[str, Any]:
        at, zone = clock.now(), visit.site.tz
        country = country_of(visit.site.zone)
        contacts = sorted(visit.patient.contacts.all(), key=lambda one: one.system != ContactSystem.PHONE)
        open_now = queries.to_review(ReviewRequest.objects.filter(pk=visit.pk), at=at).exists()
        day = _day(request.GET.get("day", "")) or visit.period.lower.astimezone(zone).date()
        return {
            "visit": visit,
            "rows": [
                (_("Who"), visit.patient.name),
                (_("Reached at"), ", ".join(contact.readable(country) for contact in contacts)),
                (_("For what"), self.what(visit)),
                (_("When"), when_in_words(visit.period.lower, zone)),
                (_("With"), visit.practitioner.name),
                (_("Where"), str(visit.site)),
                (_("Asked for"), when_in_words(visit.created_at, zone)),
                (_("Decide by"), self.due(visit)),
                (_("Kept until"), self.until(visit)),
                (_("Reference"), visit.reference),
            ],
            "open": open_now,
            "hears": self._hears(visit),
            "offered": queries.review_answer(visit).offered,
            "declined": visit.cancel_reason == CancelReason.DECLINED,
            "reasons": DeclineReason.choices,
            "day": day.isoformat(),
            "day_in_words": near_day_in_words(day),
            "times": self._times(request, visit, day=day, at=at) if open_now else [],
        }

    def _hears(self, visit: Appointment) -> str:
        return how_they_hear(visit.patient, country_of(visit.site.zone))

    def _hears_of_answer(self, act: str, visit: Appointment) -> str:
        """Say how they hear of an answer; whoever said yes on the phone knows already."""
        said_yes = act == "accept" and queries.review_answer(visit).offered
        return (
            _("They know: they have said yes to you or a colleague.")
            if said_yes and not mail_of(visit.patient)
            else self._hears(visit)
        )

    def _times(self, request: HttpRequest, visit: Appointment, *, day: date, at: datetime) -> list[OfferedTime]:
        """Return the times of a day that can be offered, in words."""
        found = review_answers.times_to_offer(visit, day=day, by=principal_of(request), at=at)
        return [
            OfferedTime(id=slot.id, words=f"{time_in_words(slot.start, slot.site.tz)}, {slot.practitioner.name}")
            for slot in found
        ]

    def _answered(self, request: HttpRequest, visit: Appointment) -> HttpResponse:
        """Answer a request as it was seen; a refusal is said on its page, where it stands as it does now."""
        act = request.POST.get("act", "")
        here = reverse("admin:booking_reviewrequest_change", args=[visit.pk])
        if act not in MOVES:
            return HttpResponseRedirect(here)
        try:
            details = self._details(act, request, visit)
            seen = request.POST.get("version", "")
            version = int(seen) if seen.isdecimal() and len(seen) < 10 else -1  # noqa: PLR2004  (an int)
            who: dict[str, Any] = {"by": principal_of(request), "at": clock.now()}
            hears = self._hears_of_answer(act, visit)
            answered = review_answers.answer(visit.public_id, MOVES[act], seen=version, **who, **details)
        except Refusal as refusal:
            self.message_user(request, in_words(refusal), messages.ERROR)
            day = _day(request.GET.get("day", ""))  # that they looked at: a form posts to the page that it stands on
            return HttpResponseRedirect(f"{here}?day={day.isoformat()}" if day else here)
        messages_by_act = {
            "accept": _(
                "%(name)s is booked. %(hears)s Was it a mistake? Ask the desk to move or cancel the appointment."
            ),
            "offer": _("Another time is offered to %(name)s, and kept until %(until)s. %(hears)s"),
            "decline": _("The request of %(name)s is declined. %(hears)s Until tonight you can take it back here."),
            "take-back": _("The request of %(name)s stands again."),
        }
        facts = {"name": visit.patient.name, "hears": hears, "until": self.until(answered)}
        self.message_user(request, messages_by_act[act] % facts)
        again = here if act == "decline" else reverse("admin:booking_reviewrequest_changelist")
        return HttpResponseRedirect(again)

    def _details(self, act: str, request: HttpRequest, visit: Appointment) -> dict[str, Any]:
        """Return what an answer needs to know. Raises UnknownSlot, SlotTaken, Invalid."""
        if act == "offer":
            by = principal_of(request)
            slot = requested_slots.slot_for(visit, request.POST.get("slot", "")[:255], by=by, at=clock.now())
            if slot.site.id not in sites_for(by, Action.REVIEW):
                raise Invalid(_("Choose a time at a site where you decide about requests."), pointer="/slot")
            return {"slot": slot, "propose": True}
        if act == "decline":
            if request.POST.get("because") not in DeclineReason.values:
                raise Invalid(_("Choose what they are told."), pointer="/because")
            return {"because": DeclineReason(request.POST["because"])}
        return {}


def _short(at: datetime, visit: Appointment) -> str:
    """Return a time by the site's clock, for a narrow place."""
    zone = visit.site.tz
    return f"{short_day_in_words(at.astimezone(zone).date())}, {time_in_words(at, zone)}"


def _day(typed: str) -> date | None:
    try:
        return iso_date(typed)
    except ValueError:
        return None
