"""The refusals of a check-in that the health questions stand against."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class ScreeningNeeded(Refusal):
    """Nobody is checked in who has not answered the health questions, or must stay away. Facts: `screening`."""

    code = "screening-needed"
    title = _("Please ask the health questions first, or let a clinician look at the answers.")


class RecheckNeeded(Refusal):
    """Who may come in is asked once more at the door, or their temperature is taken, where the policy says so."""

    code = "recheck-needed"
    title = _("Please ask at the door what is new since they answered, and take the temperature where it is asked for.")
