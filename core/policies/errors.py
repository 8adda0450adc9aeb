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


class PolicyExamplesFail(Refusal):
    """A content does not do what its own examples say. Facts: `errors`, each example with what came out instead."""

    code = "policy-examples-fail"
    status = 409
    title = _("This draft does not do what its examples say. Please change it, or the examples.")


class PolicyOwn(Refusal):
    """Whoever wrote a policy does not approve it: two pairs of eyes are not one."""

    code = "policy-own"
    title = _("You wrote this yourself. Please ask a colleague to approve it.")


class PolicyChanged(Refusal):
    """Somebody changed the draft since it was looked at: what was seen is not what would be approved or published."""

    code = "policy-changed"
    title = _("Somebody changed this draft meanwhile. Please look at it again.")


class PolicyNeeded(Refusal):
    """Without this policy there would be a time in which none is in force: publish the one that takes its place."""

    code = "policy-needed"
    status = 409
    title = _("Without this policy there would be none. Please publish another one in its place.")


class PolicyReturnUnapproved(Refusal):
    """What would hold once it is taken back is for others to approve, as it would be to publish.

    Facts: `needed`, `approved`.
    """

    code = "policy-return-unapproved"
    status = 409
    title = _(
        "Taking this policy back changes what other people must approve. "
        "Please ask clinicians to approve on this page that it ends, or publish another one in its place."
    )
