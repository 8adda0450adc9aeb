"""The refusals where one person may have two records, or two records become one."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class MergedInto(Refusal):
    """The record was merged into another one of the same person. Facts: `patient`, the id of that one."""

    code = "merged-into"
    status = 410
    title = _("This record was merged into another record of the same person.")


class NeedsChanged(Refusal):
    """What somebody needs so that they can come was changed since it was looked at: that is not written over."""

    code = "needs-changed"
    title = _("What helps to come was changed since you looked. Nothing of yours is saved: look at it as it is now.")


class PossibleDuplicates(Refusal):
    """There are records that may be of the same person. Facts: `candidates`."""

    code = "possible-duplicates"
    title = _("There may be a record of this person already.")


class SameRecord(Refusal):
    """A record cannot be merged with itself."""

    code = "same-record"
    title = _("This is one and the same record: there is nothing to merge.")


class BothHaveAccounts(Refusal):
    """Two people who sign in, each with a record of their own, are not merged."""

    code = "both-have-accounts"
    title = _("Both records belong to somebody who signs in. Ask which account they use before one record is given up.")


class VisitsOverlap(Refusal):
    """The records have visits at the same time. Facts: `appointments`, their references."""

    code = "visits-overlap"
    title = _("The two records have appointments at the same time. Cancel or move one of them first, then merge.")


class NothingMerged(Refusal):
    """Nothing was merged into the record of late, or it was undone already."""

    code = "nothing-merged"
    title = _("No merging into this record can be undone any more.")


class MergeInUse(Refusal):
    """Something was done with the merged record that may be of either person."""

    code = "merge-in-use"
    title = _(
        "Something was booked, entered or corrected since the two were merged, and may be of either. "
        "Nothing is undone: take that back first, or enter the other person anew."
    )


class NotApart(Refusal):
    """Nobody said that two records are of two people, or it was taken back already."""

    code = "not-apart"
    title = _("Nobody has noted that these are two people, or it was taken back already.")


class LinkNotTheirs(Refusal):
    """The link of an appointment by which somebody was known here shows that no more."""

    code = "known-no-more"
    status = 410
    title = _("Please open the link in your newest mail once more.")

    def __init__(self) -> None:
        super().__init__(
            _(
                "What you were known by here does not count any more: we may have written to you anew since. "
                "You can also book like everybody, or call us."
            )
        )


class AskByPhone(Refusal):
    """Nobody books for this patient by a mail's link. It is not said why: whoever reads their mail is spoken to."""

    code = "ask-by-phone"
    title = _("Please call us about this.")

    def __init__(self) -> None:
        super().__init__(_("We would like to speak with you, and are glad to help with whatever you need."))


class NewestLinkNeeded(Refusal):
    """Of what is a patient's own a link shows less that was shown to a visitor as they booked."""

    code = "newest-link-needed"
    title = _("Please open the link in your newest mail.")

    def __init__(self) -> None:
        super().__init__(
            _(
                "From there you see and change all that is yours. Is the address wrong that you typed? Then cancel "
                "this appointment and book it again with the right one, or call us: we are glad to help."
            )
        )
