"""An edit of calendars is saved as it was previewed: a mark of what it would write is compared as it is written."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from booking.actions.impact.choices import ChangedSince
from booking.actions.impact.planned_edits import PlannedEdit
from booking.actions.impact.setting_up import KEY, KIND
from booking.models import CalendarEdit, EditKind
from core.accounts.names import name_of
from core.models import Site
from core.text.languages import when_in_words

STOOD = frozenset({"ended", "removed", "confirmed", "valid_to", "before"})
"""What is written of rows that stood before; what is made anew has another id each time."""


def mark_of(made: Iterable[dict[str, Any]], *, at: datetime) -> str:
    """Return a mark of what an edit would write, and of when that was so.

    It is another one as soon as somebody changed what would be changed: hours that were ended meanwhile, or are new.
    """
    kept = [{name: value if name in STOOD else "" for name, value in one.items()} for one in made]
    text = json.dumps(kept, sort_keys=True, default=str)
    return f"{int(at.timestamp())}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def refuse_other(
    edit: PlannedEdit, made: Sequence[dict[str, Any]], seen: str | None, *, site: Site, at: datetime
) -> None:
    """Refuse to save what would write something else than was `seen`, and say who was first. Raises ChangedSince.

    It must have been written, under the locks of calendars. None: nobody has seen anything that they decide on.
    """
    if seen is None:
        return
    moment, _dash, before = seen.partition("-")
    if before == mark_of(made, at=at).partition("-")[2]:
        return
    since = datetime.fromtimestamp(int(moment), UTC) if moment.isascii() and moment.isdigit() else at
    last = _last_edit(edit, made, site=site, since=since)
    if last is None:
        raise ChangedSince(_("This was changed meanwhile. What is shown is how it stands now."))
    who, when = (last.taken_back_by, last.taken_back_at) if last.taken_back_at else (last.by, last.at)
    said = _("%(who)s changed the same, %(when)s. What is shown is how it stands now.")
    raise ChangedSince(said % {"who": name_of(who), "when": when_in_words(when, site.tz)})


def _last_edit(
    edit: PlannedEdit, made: Sequence[dict[str, Any]], *, site: Site, since: datetime
) -> CalendarEdit | None:
    """Return what somebody changed last of the same, or took back, since a moment."""
    whose = Q(practitioner=edit.practitioner) if edit.practitioner else Q(site=site, practitioner=None)
    if edit.kind == EditKind.SET_UP:  # of an entry that other sites may change as well
        whose = Q(made__contains=[{name: one[name] for name in (KIND, KEY)} for one in made])
    rows = CalendarEdit.objects.filter(whose, kind=edit.kind)
    touched = rows.alias(touched=Greatest("at", Coalesce("taken_back_at", "at")))
    return touched.filter(touched__gte=since).order_by("-touched", "-pk").first()
