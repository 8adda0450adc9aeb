"""Who or what somebody brings along, by what they answered: for their mails and their page, in neutral words."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from booking.models import Appointment
from booking.status import OCCUPYING
from booking.suitability.needs import need_in_words
from booking.suitability.visits import JudgedVisit, judge_visits

SENTENCES: Mapping[str, str | Promise] = {
    "companion": _("Please bring somebody along who can stay with you."),
    "guardian_consent": _("Please come with a parent or guardian: they sign a form when you arrive."),
}
"""What is said of a clinic's needs to whoever has them; of others, what they are called."""


def brought_along(visits: Sequence[Appointment]) -> dict[int, tuple[str | Promise, ...]]:
    """Return by id what patients of visits that stand are asked to bring, of whom any is; in one query, or none.

    Needs the site, the therapy and the patient of each.
    """
    judged_once = [one for one in visits if one.suitability and one.status in OCCUPYING]
    if not judged_once:
        return {}
    found = judge_visits(judged_once, at=max(one.updated_at for one in judged_once))
    said = {key: tuple(_sentences(judged)) for key, judged in found.items()}
    return {key: sentences for key, sentences in said.items() if sentences}


def _sentences(judged: JudgedVisit) -> list[str | Promise]:
    written = judged.rules.content.needs
    keys = [key for key in judged.needs if key in written and (written[key].note or written[key].awaits)]
    unknown = _("Please bring along: {what}.")
    return [SENTENCES.get(key) or format_lazy(unknown, what=need_in_words(judged.rules, key)) for key in keys]
