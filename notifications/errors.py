"""Every expected "no" about words."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Missing


class NoSuchMail(Missing):
    """The outbox has no such mail or page."""

    title = _("There is no such mail.")
