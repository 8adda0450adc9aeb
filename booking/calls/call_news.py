"""Which news the patient of a call to make has not heard, in words for whoever calls."""

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.cancel_reasons import DeclineReason
from booking.models import Appointment, CallReason, CallTask, Change, ClosureNews, ClosureNotice
from booking.status import NEWS, Move
from booking.suitability.answers_by_link import is_request
from core.text.languages import when_in_words

WORDS: Mapping[Move, str | Promise] = {
    Move.REQUEST: gettext_lazy("we have their request and look at it"),
    Move.BOOK: gettext_lazy("the appointment is booked"),
    Move.APPROVE: gettext_lazy("the appointment is booked"),
    Move.COMPLETE: gettext_lazy("the appointment is booked"),
    Move.AWAIT: gettext_lazy("we wait for a document from them"),
    Move.RESCHEDULE: gettext_lazy("the appointment was moved"),
    Move.RESIZE: gettext_lazy("the appointment ends at another time than they know"),
    Move.CANCEL: gettext_lazy("the appointment is cancelled"),
    Move.EXPIRE: gettext_lazy("their request has run out"),
    Move.UNDO: gettext_lazy("the appointment stands again"),
    Move.ENTER_IN_ERROR: gettext_lazy("the appointment was entered by mistake, nobody expects them"),
}


OF_A_CLOSURE: Mapping[ClosureNews, str | Promise] = {
    ClosureNews.CLOSED: gettext_lazy(
        "No message reached them. Tell them: their appointment cannot take place at that time. Find another time with "
        "them."
    ),
    ClosureNews.OTHER_TIME: gettext_lazy(
        "No message reached them. Tell them: their appointment cannot take place at that time, and another time is "
        "proposed. Ask for yes or no."
    ),
    ClosureNews.OPEN_AGAIN: gettext_lazy(
        "No message reached them. Tell them: their appointment takes place after all."
    ),
}


def spoken_of(facts: Mapping[str, Any]) -> bool:
    """Whether news, by the facts of its change, was told between its patient and staff, by phone or at the desk."""
    return bool(facts.get("heard") or facts.get("told_at_desk"))


def newest_of_a_call(column: str) -> Subquery:
    """Return a column of the newest change, as of when a call was raised, of which its patient is told."""
    news = Change.objects.filter(appointment=OuterRef("appointment"), at__lte=OuterRef("raised_at"), move__in=NEWS)
    return Subquery(news.order_by("-pk").values(column)[:1])


def newest_of_a_closure() -> Subquery:
    """Return what staff had to tell last, as of when a call was raised, of an appointment that cannot take place.

    What it says holds still: it is not open again since.
    """
    notices = ClosureNotice.objects.filter(
        Q(over=False) | Q(news=ClosureNews.OPEN_AGAIN),
        appointment=OuterRef("appointment"),
        version=OuterRef("appointment__version"),
        at__lte=OuterRef("raised_at"),
    )
    return Subquery(notices.order_by("-pk").values("news")[:1])


def why(call: CallTask) -> str:
    """Say why somebody is to be called; as `call_tasks` returns it, which news they have not heard."""
    news, facts = getattr(call, "news", None), getattr(call, "news_facts", None)
    if call.reason == CallReason.CODE:
        return _of_a_code(call.appointment)
    if call.reason == CallReason.NOT_REACHED and (closure := getattr(call, "closure_news", None)):
        return str(OF_A_CLOSURE[ClosureNews(closure)])
    if call.reason != CallReason.NOT_REACHED or not news:
        return str(call.get_reason_display())
    if spoken_of(facts or {}):
        return _("No message reaches them. They know of their appointment: remind them of it.")
    return _in_words(call.appointment, Move(news), facts or {})


def _of_a_code(visit: Appointment) -> str:
    """Say what whoever waits for a code needs, while their time is kept and after that. Needs the visit's site."""
    if not visit.kept_until:
        return _("The mail with their code did not arrive, and their time was given back. Find a time with them.")
    until = when_in_words(visit.kept_until, visit.site.tz)
    return _(
        "The mail with their code did not arrive. Correct their address with them, and a new code goes out; or book it "
        "for them on the page of the appointment. Their time is kept until %(until)s."
    ) % {"until": until}


def _in_words(visit: Appointment, news: Move, facts: Mapping[str, Any]) -> str:
    """Say what to tell them, and what to ask. Needs the visit's site."""
    return _("No message reached them. Tell them: %(news)s.") % {"news": _news(visit, news, facts)}


def _news(visit: Appointment, news: Move, facts: Mapping[str, Any]) -> str | Promise:
    waits = is_request(visit)
    if facts.get("questions_by_link"):
        aloud = _("some questions are to be answered before we book. Read them aloud")
        return aloud if news is Move.REQUEST else _("a clinician of the site has a question, and calls them")
    if news is Move.RESCHEDULE and facts.get("proposed"):
        if not (waits and visit.kept_until):
            return _("another time was offered")
        until = when_in_words(visit.kept_until, visit.site.tz)
        return _("another time is offered and kept until %(until)s. Ask for yes or no") % {"until": until}
    if news is Move.DECLINE:
        because = facts.get("because")
        why = DeclineReason(because).label if because in DeclineReason.values else DeclineReason.CALL.label
        return _("their request is declined. \u201c%(why)s\u201d") % {"why": why}
    return _of_a_request(news, facts) if waits and news in {Move.RESCHEDULE, Move.UNDO} else WORDS[news]


def _of_a_request(news: Move, facts: Mapping[str, Any]) -> str:
    if facts.get("reopened"):
        return _("we look at their request once more, it is not booked yet")
    moved = news is Move.RESCHEDULE
    return _("their request was moved to another time") if moved else _("their request stands again")
