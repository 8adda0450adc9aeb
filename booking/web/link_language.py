"""The language that somebody reads, as the link says that led them here: it goes along to the end, and on their record.

English alone is written until other languages are; nobody is asked for theirs as they book.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from booking.patients import contacts
from booking.web.session_draft import SessionDraft
from booking.web.visit_card import CheckLine
from core.refusals import Invalid
from core.text.languages import BASE, base_of, language_in_words
from scheduler.public import Offered

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

LANG, LANGUAGE = "lang", "language"
"""What a link calls it. Where times are listed `language` is what whoever treats speaks: there it is `lang` alone."""


def of_link(sent: QueryDict, *names: str) -> str:
    """Return the language that is named, empty where none is. Raises Invalid for what is no language."""
    named = next((str(sent[name]) for name in names if sent.get(name)), "")
    try:
        return contacts.language(named) if named else ""
    except contacts.Unusable as error:
        detail = _("This address names no language that we know. Write a tag such as es or zh-Hans, or leave it out.")
        raise Invalid(detail) from error


def notes_language(*names: str) -> Callable[[View[P]], View[P]]:
    """Let a page note the language that its address names, by one of these names, until it is booked or forgotten."""

    def noting(view: View[P]) -> View[P]:
        @wraps(view)
        def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if named := of_link(request.GET, *names):
                draft = SessionDraft.of(request.session)
                draft.language = named
                draft.keep(request.session)
            return view(request, *args, **kwargs)

        return shown

    return noting


def note_for_times(request: HttpRequest, offered: Iterable[Offered]) -> dict[str, Any]:
    """Return what a page of times says to whoever reads another language: who speaks it, or that nobody does."""
    reads = SessionDraft.of(request.session).language
    if not reads or base_of(reads) == BASE or LANGUAGE in request.GET:
        return {}
    spoken = {tag for one in offered for tag in one.practitioner.languages}
    tag = next((one for one in sorted(spoken) if base_of(one) == base_of(reads)), "")
    address = f"{request.get_full_path()}{'&' if request.GET else '?'}{LANGUAGE}={tag}" if tag else ""
    return {"reads": language_in_words(reads), "reads_url": address}


def checked_line(reads: str) -> list[CheckLine]:
    """Return the line of what goes on a new record; none where that is English."""
    more = _("We write in English for now. We can have somebody interpret.")
    return (
        [CheckLine(name=_("Your language"), value=language_in_words(reads), more=more)]
        if reads and base_of(reads) != BASE
        else []
    )
