"""The refusals of the waiting list."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class WaitingLinkClosed(Refusal):
    """A mail's link that opens no entry: wrong, of another address, or long over. One answer to whoever guesses."""

    code = "waiting-link-closed"
    status = 404
    title = _("This link does not open anything.")

    def __init__(self) -> None:
        super().__init__(_("Please use the link in the newest mail from us, or call us: we tell you how it stands."))


class JustTaken(Refusal):
    """The time that was offered is somebody else's by now, or is open no more."""

    code = "just-taken"
    title = _("Somebody else was a moment quicker.")

    def __init__(self, *, has_another: bool = False) -> None:
        """`has_another`: they wanted an earlier appointment than the one that they have."""
        stays = _(
            "This time was just taken. Your appointment stays as it is. You stay on the list, and we tell you of the "
            "next time."
        )
        taken = _("This time was just taken. You stay on the list, and we tell you of the next time.")
        super().__init__(stays if has_another else taken)


class OfferOver(Refusal):
    """An offer that was answered already, or stands no more."""

    code = "offer-over"
    title = _("This offer is over.")

    def __init__(self) -> None:
        super().__init__(_("We do not keep this time for you any more. You stay on the list as long as you like."))


class OnTheListAlready(Refusal):
    """Somebody waits for the same already."""

    code = "on-the-list-already"
    title = _("You are on the list for this already.")

    def __init__(self) -> None:
        super().__init__(_("To change what suits you, leave the list by the link in our mail. Then ask once more."))


class AddressNeeded(Refusal):
    """Times are offered by e-mail or by a call, and there is neither an address nor a number."""

    code = "address-needed"
    title = _("We have no e-mail address and no phone number of yours.")

    def __init__(self) -> None:
        super().__init__(_("We write or call when a time opens. Please call us: we note how to reach you."))


class TooManyEntries(Refusal):
    """More was asked for from one network, or by one person, than anybody waits for."""

    code = "too-many-entries"
    status = 429
    title = _("Several people have asked from here just now.")
