"""The refusals of enrolments."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class AlreadyEnrolled(Refusal):
    """They take part in the program at this site, until another day. Facts: `enrolment`, its id."""

    code = "already-enrolled"
    title = _("They are enrolled in this program already. Change the day on which that ends instead.")


class EnrolmentUndoOver(Refusal):
    """An act on an enrolment is taken back on its own day alone, and once."""

    code = "enrolment-undo-over"
    title = _("This can be taken back on the same day alone. Change the day on which the enrolment ends instead.")
