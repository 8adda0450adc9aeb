"""What is refused about policies."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class PolicyPublished(Refusal):
    """A published policy never changes: what is to be different is a new draft."""

    code = "policy-published"
    status = 409
    title = _("This policy is published and stays as it is. Please make a new draft.")


class PolicyUnapproved(Refusal):
    """Other people must have approved this very content first. Facts: `needed`, `approved`."""

    code = "policy-unapproved"
    status = 409
    title = _("Other people must approve this policy before it is published.")


class PolicyNeeded(Refusal):
    """Without this policy there would be a time in which none is in force: publish the one that takes its place."""

    code = "policy-needed"
    status = 409
    title = _("Without this policy there would be none. Please publish another one in its place.")
