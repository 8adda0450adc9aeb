"""Reports of a site, for programs that read them."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.report_json import ReportQuerySerializer, ReportSerializer, as_measure
from booking.reports.groups import NEXT, dimensions_of
from booking.reports.lines import measured
from booking.reports.periods import LAST_WEEKS, UnusableDates, asked_days
from booking.reports.report_query import OF_PEOPLE, Dimension, ReportQuery
from core.api.views import ApiView
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, sites_for


class ReportView(ApiView):
    """Measures of a site over some days."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read the measures of a site"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_REPORTS}
    query = ReportQuerySerializer

    @extend_schema(responses=ReportSerializer)
    def get(self, request: Request) -> Response:
        """Answer with what was counted, of how many, and what each measure means.

        By `language`, `age` and `family` they are told apart for whole quarters that are over; what is of fewer than
        eleven is not shown, nor what it could be reckoned from.
        """
        sent, about = self.validated_query(), Dimension.THERAPY
        sites = list(Site.objects.filter(pk__in=sites_for(self.principal, self.right), active=True).order_by("key"))
        query = self.asked(sent, sites)
        now = sent["about"] == NEXT
        body: dict[str, Any] = {
            "site": query.site.key,
            "about": sent["about"],
            "by": about if now else sent["by"],
            "from": None if now else query.days.first_on,
            "until": None if now else query.days.last_on,
            "measures": [as_measure(one) for one in measured(sent["about"], query, sites=sites)],
        }
        return Response(ReportSerializer(body).data)

    def asked(self, sent: dict[str, Any], sites: list[Site]) -> ReportQuery:
        """Return what is asked of a site of theirs. Raises Invalid."""
        site = next((one for one in sites if one.key == sent["site"]), None)
        if site is None:
            raise _wrong("site", _("There is no such site whose reports are yours."))
        dimension = Dimension(sent["by"])
        if sent["about"] != NEXT and dimension not in dimensions_of(sent["about"]):
            raise _wrong("by", _("These measures are not told apart like that."))
        today = self.at.astimezone(site.tz).date()
        try:
            days = asked_days(
                sent.get("from"), sent.get("until"), weeks=LAST_WEEKS[0], quarters=dimension in OF_PEOPLE, today=today
            )
        except UnusableDates as unusable:
            raise _wrong("until" if sent.get("from") else "from", unusable.words) from unusable
        return ReportQuery(site=site, days=days, by=self.principal, at=self.at, dimension=dimension)


def _wrong(parameter: str, detail: str) -> Invalid:
    return Invalid(errors=[{"parameter": parameter, "detail": detail}])
