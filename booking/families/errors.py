"""The refusals of family links."""

from django.utils.translation import gettext_lazy as _

from booking.families.status import FamilyState
from core.refusals import Refusal


class FamilyCodeUnknown(Refusal):
    """A code or link that opens nothing: wrong, used, run out and taken back are one answer to whoever guesses."""

    code = "family-code-unknown"
    status = 404
    title = _("This code or link does not open anything.")

    def __init__(self) -> None:
        super().__init__(
            _(
                "Please check it against the paper or the mail. A code can be used once, and for 14 days. A link in a "
                "mail opens nothing more once time for families was given up, was taken back or has run out. "
                "If it does not work, call us: we help you, and make a new one if you need it."
            )
        )


class FamilyPageClosed(Refusal):
    """The link in a patient's mail leads to their family's page no more, or never did."""

    code = "family-page-closed"
    status = 404
    title = _("This link does not open anything.")

    def __init__(self) -> None:
        super().__init__(
            _("Please use the link in the newest mail from us, or call us: we tell you how it stands, and change it.")
        )


class TooManyCodes(Refusal):
    """More codes were typed than anybody mistypes. `Retry-After` says how many seconds to wait."""

    code = "too-many-codes"
    status = 429
    title = _("Several codes that do not work were typed from here.")


class TooManyFamilyLinks(Refusal):
    """A patient has as many live family links as there may be. Facts: `limit`."""

    code = "too-many-family-links"
    title = _("There are as many invitations and family members already as one patient can have.")

    def __init__(self, *, limit: int) -> None:
        super().__init__(_("Take one back first, or call us: we help you."), limit=limit)


class NoFamilyTime(Refusal):
    """The patient takes part in no program that keeps time for families."""

    code = "no-family-time"
    title = _("Time for families is kept for the families of patients in a program.")

    def __init__(self) -> None:
        super().__init__(_("Please call us: we can say which program it is, and what else there is for your family."))


class AlreadyLinked(Refusal):
    """There is a live link between these two already."""

    code = "already-linked"
    title = _("This family link is there already. Nothing more is needed.")


class OwnInvitation(Refusal):
    """Whoever invites does not take the invitation up themselves."""

    code = "own-invitation"
    title = _("This invitation is for a member of the patient’s family, and not for the patient.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("Give the code to whoever it is for: they use it themselves."))


class FamilyActNotAllowed(Refusal):
    """The link has no such act from where it stands. Facts: `stands` (its state), `act`."""

    code = "family-act-not-allowed"
    title = _("This cannot be done with the family link as it stands.")

    def __init__(self, detail: str = "", *, stands: str, act: str) -> None:
        super().__init__(detail or WHAT_TO_DO[FamilyState(stands)], stands=stands, act=act)


WHAT_TO_DO = {
    FamilyState.INVITED: _("Nobody has used its code yet. It can be taken back, or staff stand for whoever uses it."),
    FamilyState.CLAIMED: _("It waits for the patient to confirm them. Staff can stand for them, with a reason."),
    FamilyState.ACTIVE: _("It is confirmed already, and can be taken back."),
    **dict.fromkeys(
        (FamilyState.REVOKED, FamilyState.ENDED, FamilyState.EXPIRED), _("It counts no more. Invite them once more.")
    ),
}
"""What can be done with a link instead, by how it stands."""


class TooSoonToRenew(Refusal):
    """A link is renewed in its last days. Facts: `earliest_day`."""

    code = "too-soon-to-renew"
    title = _("There is nothing to renew yet: we write when it is time.")


class FamilyLinkEnded(Refusal):
    """Somebody asks for time by a family link that has ended, or was taken back."""

    code = "family-link-ended"
    status = 410
    title = _("Time for families is no longer open to you.")

    def __init__(self) -> None:
        super().__init__(
            _("Appointments that you have booked stand. You can book like everybody, or call us: we are glad to help.")
        )


class TooManyInvitations(Refusal):
    """More invitations were made for one patient than a family needs. `Retry-After` says how many seconds to wait."""

    code = "too-many-invitations"
    status = 429
    title = _("Many invitations were made a short time ago. Please call us if you need another one today.")
