"""The refusals of time."""

from collections.abc import Sequence
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal
from core.text.languages import date_in_words


class UnknownSlot(Refusal):
    """A slot id that names no start of ours."""

    code = "unknown-slot"
    status = 404
    title = _("This time does not exist.")


class SlotTaken(Refusal):
    """Somebody else has it, or it is no longer open. Facts: `alternatives`, up to three slots."""

    code = "slot-taken"
    status = 409
    title = _("This time is not free.")

    def __init__(
        self, detail: str | Promise = "", *, taken: Sequence[object] = (), staff: bool = False, **facts: object
    ) -> None:
        """Note which of the slots that were wanted together are `taken`: it is for the caller, and no fact."""
        super().__init__(detail or self.what_to_do(staff=staff), **facts)
        self.taken = tuple(taken)

    @staticmethod
    def what_to_do(*, staff: bool) -> str:  # noqa: ARG004  (kinds of it say it to either)
        """Say what a patient, or staff, can do where that is more than to choose another time."""
        return ""


# A kind of taken: whoever offers other times for one that is gone does so here as well, without knowing why.
class NotOpenYet(SlotTaken):
    """Open to others alone, told to staff. Facts: `alternatives`, up to three slots, and `opens_at`, when it opens."""

    code = "not-open-yet"
    status = 409
    title = _("This time is not open for booking.")

    @staticmethod
    def what_to_do(*, staff: bool, opens: str = "") -> str:
        """Say to a patient what they can do, or to staff why it is so, too; `opens`: when it opens to them."""
        if staff:
            why = gettext(
                "This time is kept for patients of a program, and this patient is not in it. Choose another time, "
                "or ask somebody who may book it with a reason."
            )
            until = gettext("It opens to this patient on %(when)s.") % {"when": opens} if opens else ""
            return f"{why} {until}".strip()
        if opens:
            return gettext(
                "You can book this time from %(when)s on, if it is still free then. Please choose another time, or "
                "call us and we help you find one."
            ) % {"when": opens}
        return gettext("Please choose another time, or call us and we help you find one.")


class NotGiven(SlotTaken):
    """Who works there gives other things, told to staff. Facts: `alternatives`, up to three slots."""

    code = "not-given"
    status = 409
    title = _("They do not give this.")

    @staticmethod
    def by_whom(name: str) -> str:
        """Say who gives other things; not what it is for: whoever moves an appointment may not know that."""
        return gettext("%(who)s does not give what this appointment is for. Choose somebody else.") % {"who": name}


class BlockFull(SlotTaken):
    """As many are booked in time that is kept as shall be. Facts: `alternatives`, up to three slots."""

    code = "kept-time-full"
    status = 409
    title = _("All places that we keep at this time are taken.")

    @staticmethod
    def what_to_do(*, staff: bool) -> str:
        """Say what they can do, to staff or to a patient."""
        if not staff:
            return gettext("Please choose another time, or call us and we help you find one.")
        return gettext(
            "Choose another time, give this block room for more people, or ask somebody who may book it with a reason."
        )


class ReferralNeeded(Refusal):
    """Their program asks for a referral, and this start is too soon for one to come. Facts: `alternatives`."""

    code = "referral-needed"
    status = 409
    title = _("For this appointment your program asks for a referral, and we have none yet.")
    what_to_do = _(
        "Please choose a time that is more than two days away: we keep it for you while you bring or send the "
        "referral. If you have one already, call us: we enter it, and you can come sooner."
    )

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.what_to_do, **facts)


class NoSuitablePlace(SlotTaken):
    """No place is free then that has what the person needs. Facts: `alternatives`, up to three slots."""

    code = "no-suitable-place"
    status = 409
    title = _("No place with what is needed is free at this time.")

    @staticmethod
    def what_to_do(*, staff: bool) -> str:
        """Say what they can do, to staff or to a patient."""
        if not staff:
            return gettext("Please choose another time, or call us and we find a way with you.")
        return gettext(
            "Choose another time, or book it with a reason: then the place has not what this person needs, and the "
            "list at the door says so."
        )


class ClosedThen(SlotTaken):
    """The site or the therapy there is closed then; the detail says when it is open. Facts: `alternatives`."""

    code = "closed-then"
    status = 409
    title = _("This appointment cannot take place at that time.")

    @staticmethod
    def until_when(*, therapy: bool, reopens_on: date | None) -> str:
        """Say whether the `therapy` alone is closed or the whole site, and from which day on it is open again."""
        if reopens_on is None:
            return (
                gettext("This therapy is not given here at that time, and nobody knows yet from when on it is again.")
                if therapy
                else gettext("We are closed at that time, and nobody knows yet from when on we are open again.")
            )
        again = (
            gettext("This therapy is not given here at that time. It is again from %(day)s on.")
            if therapy
            else gettext("We are closed at that time. We are open again from %(day)s on.")
        )
        return again % {"day": date_in_words(reopens_on)}


class ClaimLapsed(Refusal):
    """The time was kept for a while only, and that while is over."""

    code = "hold-expired"
    status = 410
    title = _("This time was kept for a while, and that while is over.")


class NotOffered(Refusal):
    """No such therapy, kind of appointment or technique can be booked."""

    code = "not-offered"
    status = 404
    title = _("This appointment is not offered.")


class UnknownPractitioner(Refusal):
    """A search for somebody who is not here, or not any more."""

    code = "unknown-practitioner"
    status = 404
    title = _("There is no such practitioner.")


class TechniqueNeeded(Refusal):
    """The therapy runs differently by technique, so one has to be named. Facts: `techniques`."""

    code = "technique-needed"
    status = 400
    title = _("Please choose how this therapy is done.")


class RangeTooLong(Refusal):
    """A search spans at most 92 days."""

    code = "range-too-long"
    status = 400
    title = _("Please search at most 92 days at once.")


class HoursClash(Refusal):
    """A practitioner would be at work twice at once. Facts: `clashes`, the rows in the way and when they meet."""

    code = "hours-clash"
    title = _("These hours overlap other working hours of the same person.")


class AbsenceClash(Refusal):
    """The practitioner is already away in part of this time; the detail says when. Facts: `clashes`."""

    code = "absence-clash"
    title = _("This person is already away in part of this time.")


class ClosureClash(Refusal):
    """A closure of this name begins on the same day at the same time. Facts: `clashes`."""

    code = "closure-clash"
    title = _("A closure of this name already begins then. Change that one, or give this one another name.")


class BlockClash(Refusal):
    """Part of this time of the same person is kept already. Facts: `clashes`, the blocks in the way."""

    code = "block-clash"
    title = _("Part of this time is kept already.")


class BlockShare(Refusal):
    """Too much of somebody's day would be kept. Facts: `day`, `minutes` that would be, `worked`, `most` that can be."""

    code = "block-share"
    title = _("Too much of this person's day would be kept for families.")


class BlockChanged(Refusal):
    """A block is not as whoever acts on it saw it: a colleague was first."""

    code = "block-changed"
    title = _("Somebody has changed this since you opened the page.")

    def __init__(self) -> None:
        super().__init__(_("This is how it is now. Look whether your change is still needed."))


class CannotDecide(Refusal):
    """An occurrence of a block cannot be kept longer, opened, or left as it was before; the detail says why."""

    code = "cannot-decide"
    title = _("This cannot be decided about this time any more.")


class StillInUse(Refusal):
    """Appointments lie ahead that need what is to go out of use. Facts: `close_at`, the page that settles them."""

    code = "still-in-use"
    status = 409
    title = _("Appointments lie ahead: settle them first.")

    def __init__(self, detail: str, *, uncovered: Sequence[object] = (), **facts: object) -> None:
        """Note which appointments they are: they are for the caller, and no fact."""
        super().__init__(detail, **facts)
        self.uncovered = tuple(uncovered)
