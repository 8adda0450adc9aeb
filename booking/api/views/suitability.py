"""The questions before booking, for what somebody wants to book."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.suitability_json import (
    NOTHING_ASKED,
    SuitabilityQuerySerializer,
    SuitabilityQuestionsSerializer,
    questions_as_json,
)
from booking.suitability.policies import rules_in_force
from booking.suitability.records import age_on
from core.api.views import ApiView
from core.refusals import Invalid
from core.rights import Action
from scheduler import public as scheduler


class SuitabilityQuestionsView(ApiView):
    """What is asked before a therapy is booked."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read the questions that are answered before booking"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE}
    query = SuitabilityQuerySerializer

    @extend_schema(responses=SuitabilityQuestionsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the questions that can change the outcome, page by page."""
        sent = self.validated_query()
        therapy, technique = _known(sent["therapy"], sent.get("technique", ""))
        site = _site(sent.get("site"))
        in_force = rules_in_force(site.id, at=self.at)
        if in_force is None:
            return Response(NOTHING_ASKED)
        day = sent.get("on") or self.at.astimezone(site.tz).date()
        born = sent.get("birth_date")
        rules, version = in_force
        age = age_on(day, born) if born else None
        return Response(
            questions_as_json(rules, version, therapy=therapy, technique=technique, age=age, phone=site.phone)
        )


def _known(therapy: str, technique: str) -> tuple[str, str]:
    """Return a therapy of the catalogue, and a technique of it. Raises Invalid."""
    known = scheduler.techniques()
    if therapy not in known:
        raise _unknown("therapy", _("There is no such therapy."))
    if technique and technique not in known[therapy]:
        raise _unknown("technique", _("This therapy is not done like that."))
    return therapy, technique


def _site(key: str | None) -> scheduler.SiteCard:
    """Return the site that is named, or the only one. Raises Invalid."""
    found = [site for site in scheduler.sites().values() if key in (None, site.key)]
    if len(found) != 1:
        raise _unknown("site", _("There is no such site.") if key else _("Say at which site: each has its own."))
    return found[0]


def _unknown(parameter: str, detail: str) -> Invalid:
    error: dict[str, Any] = {"parameter": parameter, "detail": detail, "code": "unknown"}
    return Invalid(errors=[error])
