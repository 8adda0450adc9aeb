"""The refusals where one person may have two records, or two records become one."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class MergedInto(Refusal):
    """The record was merged into another one of the same person. Facts: `patient`, the id of that one."""

    code = "merged-into"
    status = 410
    title = _("This record was merged into another record of the same person.")


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
