"""Each visit has exactly the messages that its last change and the reminder rule ask for, once each, and on time."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from proof.checker.finding import Row, Violation, rows

SLACK = timedelta(minutes=2)
WIRE = timedelta(seconds=20)
CHANGE_KINDS = {
    "book": "confirmation", "approve": "confirmation", "complete": "confirmation",
    "reschedule": "moved", "cancel": "cancelled", "decline": "cancelled", "expire": "cancelled", "undo": "confirmation",
}  # fmt: skip
LINK = "link"
BOOKING_MOVES = ("book", "approve", "complete")
QUIET = timedelta(minutes=2)
MOST_A_DAY = 15
DAYS_BEFORE = (3, 1)
MINUTES_A_DAY = 1440
REFERRAL_DAYS = 5
REFERRAL = (LINK, REFERRAL_DAYS * MINUTES_A_DAY)
MORNING, NIGHT, EVENING = 9, 21, 20

VISITS = """
SELECT a.id, a.version, a.status, a.suitability = 'clinician-asks',
       a.status = 'pending' AND a.awaits_referral <> '', lower(a.period), s.zone,
       c.moves, c.befores, c.ats,
       EXISTS (SELECT FROM booking_proof p WHERE p.appointment_id = a.id)
FROM booking_appointment a JOIN core_site s ON s.id = a.site_id
JOIN LATERAL (SELECT array_agg(move ORDER BY id) moves, array_agg(before ORDER BY id) befores,
                     array_agg(at ORDER BY id) ats
              FROM booking_change c WHERE c.appointment_id = a.id AND c.version = a.version) c ON c.moves IS NOT NULL
WHERE a.status NOT IN ('fulfilled', 'noshow', 'entered-in-error') AND a.cancel_reason <> 'deceased'
  AND NOT EXISTS (SELECT FROM booking_change c WHERE c.appointment_id = a.id AND c.relayed_at IS NULL)
  AND EXISTS (SELECT FROM booking_contactpoint p WHERE p.patient_id = a.patient_id AND p.system = 'email')
"""
MESSAGES = """
SELECT m.appointment_id, m.version, m.kind, m.offset_minutes FROM notifications_message m
JOIN booking_appointment a ON a.id = m.appointment_id AND a.version = m.version WHERE m.resend = 0
"""
SENT_TOO_LATE = """
SELECT m.id, m.kind, m.appointment_id FROM notifications_message m
JOIN booking_change c ON c.appointment_id = m.appointment_id AND c.version = m.version + 1
WHERE m.status = 'sent' AND m.settled_at > c.at + %s
"""
AT_NIGHT = """
SELECT m.id FROM notifications_message m JOIN booking_appointment a ON a.id = m.appointment_id
JOIN core_site s ON s.id = a.site_id
WHERE m.kind = 'reminder' AND m.status IN ('due', 'claimed', 'sending')
  AND extract(hour FROM m.due_at AT TIME ZONE s.zone) NOT BETWEEN 9 AND 20
"""
WAITING = """
SELECT 'message ' || id FROM notifications_message WHERE status IN ('due', 'claimed', 'sending') AND due_at < %s
UNION ALL SELECT 'change ' || id FROM booking_change WHERE relayed_at IS NULL AND at < %s
"""
FLOODED = """
SELECT m.appointment_id, count(*) FROM notifications_message m
JOIN notifications_message n ON n.appointment_id = m.appointment_id AND n.status = 'sent' AND n.kind <> 'reminder'
  AND n.settled_at >= m.settled_at AND n.settled_at < m.settled_at + interval '1 day'
WHERE m.status = 'sent' AND m.kind <> 'reminder' GROUP BY m.id, m.appointment_id HAVING count(*) > %s
"""
TOLD_EARLY = """
SELECT m.id FROM notifications_message m JOIN booking_appointment a ON a.id = m.appointment_id
JOIN booking_change c ON c.appointment_id = m.appointment_id AND c.version = m.version AND c.move = 'reschedule'
WHERE m.status = 'sent' AND m.kind = 'moved' AND m.settled_at < c.at + %s AND c.at + %s < lower(a.period)
"""
SENT_TWICE = """
SELECT appointment_id, version, kind, offset_minutes, count(*) FROM notifications_message
WHERE status IN ('sent', 'unknown')
GROUP BY recipient_id, channel, appointment_id, version, kind, offset_minutes, resend HAVING count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class CheckedVisit:
    """What the rule needs to know of a visit, with every change of its present version: an approval leaves that alone.

    `asked`: a clinician has asked its patient something, and has not decided; `referral`: it waits for a referral.
    """

    status: str
    asked: bool
    referral: bool
    start: datetime
    zone: str
    moves: Sequence[str]
    befores: Sequence[str]
    ats: Sequence[datetime]
    by_code: bool


def differences(*, at: datetime) -> Iterator[Violation]:
    """Yield visits whose messages are not those expected, and messages sent twice or after a newer version."""
    written: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for appointment, version, kind, offset in rows(MESSAGES):
        written[appointment, version].append((kind, offset))
    for appointment, version, *facts in rows(VISITS):
        visit, found = CheckedVisit(*facts), Counter(written[appointment, version])
        missing, surplus = Counter(expected(visit)) - found, found - Counter(allowed(visit))
        if missing or surplus:
            detail = f"missing {dict(missing)}, too many {dict(surplus)}"
            yield Violation("messages-differ", f"appointment {appointment}: {detail}")
    for message, kind, appointment in rows(SENT_TOO_LATE, [WIRE]):
        yield Violation("sent-for-an-old-version", f"message {message} ({kind}) of appointment {appointment}")
    yield from (Violation("reminder-at-night", f"message {message}") for (message,) in rows(AT_NIGHT))
    yield from (Violation("sent-twice", str(twice)) for twice in rows(SENT_TWICE))
    yield from (
        Violation("mailbox-flooded", f"appointment {visit}: {n} mails in a day")
        for visit, n in rows(FLOODED, [MOST_A_DAY])
    )
    yield from (Violation("told-too-early", f"message {message}") for (message,) in rows(TOLD_EARLY, [QUIET, QUIET]))
    yield from late(at=at)


def late(*, at: datetime) -> Iterator[Violation]:
    """Yield what should have left long ago and still waits."""
    yield from (Violation("still-waiting", what) for (what,) in waiting(before=at - SLACK))


def waiting(*, before: datetime) -> list[Row]:
    """Return messages due, and changes made, before an instant that nobody has dealt with."""
    return rows(WAITING, [before, before])


def expected(visit: CheckedVisit) -> set[tuple[str, int]]:
    """Return (kind, minutes before the visit) of what a visit's present version must have."""
    kinds = [kind_of(visit, number) for number in range(len(visit.moves))]
    last = max((number for number, kind in enumerate(kinds) if kind not in (None, LINK)), default=None)
    said_at = visit.ats[last or 0]
    if last is not None and visit.moves[last] not in BOOKING_MOVES:
        said_at += QUIET
    return {(kind, 0) for kind in kinds if kind} | reminders(visit, after=said_at) | referral_mails(visit)


def allowed(visit: CheckedVisit) -> set[tuple[str, int]]:
    """Return what it must have, and what was planned when an earlier change of the same version was looked at."""
    taken_back = set(zip(visit.moves, visit.befores, strict=True)) & {("undo", "booked"), ("undo", "cancelled")}
    at_times = {("moved", 0)} if taken_back else set()
    if "await" in visit.moves:  # whoever is asked by link gets it, as often as that is
        at_times |= {(LINK, 0), REFERRAL}
    return expected(visit) | reminders(visit, after=visit.ats[0]) | at_times


def kind_of(visit: CheckedVisit, number: int) -> str | None:
    """Return what a change made worth saying."""
    move, before = visit.moves[number], visit.befores[number]
    if move == "request":
        return None if visit.by_code else LINK
    if move == "undo":
        again = visit.status == "proposed" or visit.asked
        news = before == "cancelled" or (before == "booked" and again)
        return ("moved" if again else "confirmation") if news else None
    if move == "resize":  # what ends when it did has no version of its own, and who is there is told by word of mouth
        return "moved" if number == 0 and visit.ats[number] < visit.start else None
    return CHANGE_KINDS.get(move)


def referral_mails(visit: CheckedVisit) -> set[tuple[str, int]]:
    """Return what whoever lacks a referral is mailed: at once as it is asked for, and five days before the visit."""
    if not visit.referral:
        return set()
    later = due(visit.start, ZoneInfo(visit.zone), REFERRAL_DAYS) > visit.ats[-1]
    return ({(LINK, 0)} if "await" in visit.moves else set()) | ({REFERRAL} if later else set())


def reminders(visit: CheckedVisit, *, after: datetime) -> set[tuple[str, int]]:
    """Return the reminders that a visit has which stands, and that are due after an instant."""
    if visit.asked or visit.referral or visit.status not in ("booked", "pending", "arrived", "checked-in"):
        return set()
    times = [(days, due(visit.start, ZoneInfo(visit.zone), days)) for days in DAYS_BEFORE]
    return {("reminder", days * MINUTES_A_DAY) for days, then in times if then > min(after, visit.start)}


def due(start: datetime, zone: ZoneInfo, days: int) -> datetime:
    """Return when the reminder so many days before is due: at the visit's hour, or at 20:00 before the quiet hours."""
    wall = start.astimezone(zone)
    day = wall.date() - timedelta(days=days + (1 if wall.hour < MORNING else 0))
    quiet = not MORNING <= wall.hour < NIGHT
    return datetime(
        day.year, day.month, day.day, EVENING if quiet else wall.hour, 0 if quiet else wall.minute, tzinfo=zone
    )


def unknown() -> int:
    """Return how many messages have an outcome that nobody knows; staff see them."""
    return int(rows("SELECT count(*) FROM notifications_message WHERE status = 'unknown'")[0][0])
