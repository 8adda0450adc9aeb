"""The refusals of booking several people together."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class SetTaken(Refusal):
    """One of several times that are wanted together cannot be had, so that none is booked.

    Facts: `alternatives`, up to three sets nearest to them, `because`, the code of why, and for staff `people`, the
    numbers of those whose time it is.
    """

    code = "set-taken"
    title = _("These times are not free together.")


class NotTogether(Refusal):
    """Times that were said to be at the same time, or in a row, are not. Facts: `within_minutes`."""

    code = "not-together"
    status = 422
    title = _("These times do not lie as they should. Choose others, or say that they may lie farther apart.")


class CannotBookTogether(Refusal):
    """One of several people cannot be booked, so that none is. Only staff are told who and why, by that refusal."""

    code = "cannot-book-together"
    title = _("We cannot book these times together online. Nothing is booked: please call us.")


class NothingToUndo(Refusal):
    """Nothing was done to appointments that were booked together that could be undone as one."""

    code = "nothing-to-undo"
    title = _("There is nothing to undo here. What was done to one appointment alone is undone at that one.")


class NotLinked(Refusal):
    """The appointment is linked with no other."""

    code = "not-linked"
    title = _("This appointment is linked with no other.")
