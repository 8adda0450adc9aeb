"""Every expected "no" about messages."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Missing, Refusal


class NoSuchMail(Missing):
    """The outbox has no such mail or page."""

    title = _("There is no such mail.")


class TooManyLinkRequests(Refusal):
    """Too many lost links were asked for from one network within an hour. `retry_after`: seconds to wait."""

    code = "too-many-link-requests"
    status = 429
    title = _("Too many people near you have asked for their link just now. Please try again in an hour, or call us.")
