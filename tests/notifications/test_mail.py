"""What a mail says, and what it keeps to itself."""

from datetime import UTC, timedelta
from email import message_from_bytes, policy
from html import escape

import icalendar
import pytest
import yaml
from django.conf import settings as django_settings

from notifications.actions import send_checks
from notifications.actions.relay import relay
from notifications.channels.mail.compose import compose
from notifications.plan import SEND
from notifications.status import Ending, MessageKind
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_site, a_visit, cancel, move, undo
from tests.notifications.rounds import begun, picked_up, settled
from tests.revealing_words import TELLING

pytestmark = pytest.mark.django_db
SOON = BOOKED_AT + timedelta(seconds=1)
QUIET = SOON + timedelta(minutes=2)
DAY_BEFORE = STARTS_AT - timedelta(days=1)
KINDS = {
    MessageKind.CONFIRMATION: lambda visit: None,
    MessageKind.REMINDER: lambda visit: None,
    MessageKind.MOVED: lambda visit: move(
        visit, starts_at=STARTS_AT + timedelta(days=7), practitioner="Dr Kim", at=SOON
    ),
    MessageKind.CANCELLED: lambda visit: cancel(visit, at=SOON),
}


def mails(visit, *, at=SOON):
    """Return the mails that are due about a visit, as a mail program reads them; the mail server has them all."""
    relay(at=SOON)
    ready = begun([each for each in picked_up(at) if send_checks.verdict(each, at=at) == SEND], at)
    settled(ready, Ending.SENT, at=at)
    return {
        outgoing.kind: message_from_bytes(
            compose(outgoing, at=at).message().as_bytes(linesep="\r\n"), policy=policy.default
        )
        for outgoing in ready
    }


def mail_of(kind, visit):
    if kind is not MessageKind.CONFIRMATION:
        mails(visit)
    KINDS[kind](visit)
    return mails(visit, at=DAY_BEFORE if kind is MessageKind.REMINDER else QUIET)[kind]


def part(mail, kind):
    (found,) = [piece for piece in mail.walk() if piece.get_content_type() == kind]
    return found


def words(mail):
    return part(mail, "text/plain").get_content() + part(mail, "text/html").get_content()


def event(mail):
    calendar = icalendar.Calendar.from_ical(part(mail, "text/calendar").get_content())
    (found,) = calendar.walk("VEVENT")
    return calendar, found


@pytest.fixture
def visit():
    return a_visit(patient=a_patient("Alice Adams"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_text_then_html_then_calendar(kind, visit):
    mail = mail_of(kind, visit)
    assert mail.get_content_type() == "multipart/alternative"
    assert [piece.get_content_type() for piece in mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    assert not [piece for piece in mail.walk() if piece.get_content_disposition() == "attachment"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_tells_what_the_visit_is_for(kind, visit):
    mail = mail_of(kind, visit)
    told = f"{mail['Subject']} {words(mail)} {part(mail, 'text/calendar').get_content()}".lower()
    assert [word for word in TELLING if word in told] == []


@pytest.mark.parametrize("kind", KINDS)
def test_subject_and_calendar_name_nobody(kind, visit):
    mail = mail_of(kind, visit)
    for text in (mail["Subject"], part(mail, "text/calendar").get_content().replace("alice@example.test", "")):
        assert not any(name in text for name in ("Alice", "Adams", "Li", "Kim", visit.reference))


@pytest.mark.parametrize("kind", KINDS)
def test_the_method_is_the_same_in_the_mail_and_in_the_calendar(kind, visit):
    mail = mail_of(kind, visit)
    calendar, found = event(mail)
    wanted = "CANCEL" if kind is MessageKind.CANCELLED else "REQUEST"
    assert part(mail, "text/calendar").get_param("method") == calendar["METHOD"] == wanted
    assert found["STATUS"] == ("CANCELLED" if kind is MessageKind.CANCELLED else "CONFIRMED")
    assert ("early" in found["DESCRIPTION"]) == (kind is not MessageKind.CANCELLED)


def test_the_visit_keeps_its_name_in_calendars_and_counts_its_versions(visit):
    seen = []
    for change in (
        lambda: None,
        KINDS[MessageKind.MOVED],
        KINDS[MessageKind.CANCELLED],
        lambda _: undo(visit, at=SOON),
    ):
        change(visit) if seen else None
        (mail,) = mails(visit, at=SOON + len(seen) * timedelta(minutes=2)).values()
        _, found = event(mail)
        seen.append((str(found["UID"]), found["SEQUENCE"]))
    assert seen == [(f"{visit.public_id}@meridian", version) for version in range(4)]


def test_the_calendar_shows_the_instant_of_the_visit(visit):
    _, found = event(mail_of(MessageKind.CONFIRMATION, visit))
    assert found["DTSTART"].dt.astimezone(UTC) == STARTS_AT
    assert found["DTEND"].dt.astimezone(UTC) == STARTS_AT + timedelta(minutes=55)
    assert str(found["SUMMARY"]) == "Appointment at Lakeside"
    assert "1200 W Lake St" in str(found["LOCATION"])


def test_a_visit_after_the_clocks_change_keeps_its_hour():
    later = STARTS_AT.replace(year=2027, month=3, day=16, hour=15)  # 10:00 in Chicago's summer
    _, found = event(mail_of(MessageKind.CONFIRMATION, a_visit(starts_at=later)))
    assert found["DTSTART"].dt.hour == 10
    assert found["DTSTART"].dt.astimezone(UTC) == later


@pytest.mark.parametrize("kind", [MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED])
def test_alice_reads_when_where_with_whom_and_how_to_prepare(kind, visit):
    mail = mail_of(kind, visit)
    for text in (escape(part(mail, "text/plain").get_content()), part(mail, "text/html").get_content()):
        for told in (
            "Hello Alice Adams,",
            "10:00 AM",
            "Chicago time",
            "1200 W Lake St, Floor 2, Chicago, IL 60607",
            "Please come at 9:50 AM, 10 minutes early.",
            "https://www.google.com/maps/search/?api=1&amp;query=1200%20W%20Lake%20St%2C%20Floor%202%2C%20Chicago%2C%20IL%2060607",
            visit.reference,
            "Wear loose clothes.",
            "Take the lift by the north door.",
            "Park in the garage on Ada Street.",
            "(312) 555-0100",
            f"{django_settings.PUBLIC_URL}/m/",
        ):
            assert told in text


def test_a_changed_practitioner_is_told_and_may_be_declined(visit):
    mails(visit)
    move(visit, practitioner="Dr Kim", at=SOON)
    text = part(mails(visit, at=QUIET)[MessageKind.MOVED], "text/plain").get_content()
    assert "You will now see Dr Kim. If you would rather not, choose another time or cancel" in text
    assert "address has changed" not in text


def off_as(status):
    def act(visit):
        cancel(visit, at=SOON)
        visit.status, visit.cancel_reason, visit.cancelled_at = status, "", None
        visit.save()

    return act


@pytest.mark.parametrize(
    ("act", "heading", "line"),
    [
        (
            lambda visit: cancel(visit, at=SOON, reason="expired"),
            "Your request has run out",
            "Choose a time again, or call us.",
        ),
        (off_as("entered-in-error"), "This appointment was entered by mistake", "We are sorry."),
    ],
)
def test_a_visit_that_is_off_though_nobody_cancelled_it_is_told_as_its_page_tells_it(visit, act, heading, line):
    mails(visit)
    act(visit)
    mail = mails(visit, at=QUIET)[MessageKind.CANCELLED]
    for kind in ("text/plain", "text/html"):
        said = part(mail, kind).get_content()
        assert heading in said
        assert line in said
        assert "do not need to do anything more" not in said


def test_a_request_that_was_moved_is_told_as_a_request_and_not_as_a_visit_that_stands(visit):
    visit.status = "proposed"
    visit.save()
    mail = mail_of(MessageKind.MOVED, visit)
    for kind in ("text/plain", "text/html"):
        assert part(mail, kind).get_content().count("We are checking your request, and write to you when we know.") == 1
    assert event(mail)[1]["STATUS"] == "TENTATIVE"


def test_a_move_in_time_alone_says_nothing_of_the_practitioner(visit):
    mails(visit)
    move(visit, starts_at=STARTS_AT + timedelta(hours=1), at=SOON)
    assert "You will now see" not in words(mails(visit, at=QUIET)[MessageKind.MOVED])


def test_a_changed_address_is_pointed_out(visit):
    mails(visit)
    visit.site = a_site("riverside", street="9 River Rd")
    visit.save()
    move(visit, starts_at=STARTS_AT + timedelta(hours=1), at=SOON)
    moved = mails(visit, at=QUIET)
    assert "9 River Rd" in words(moved[MessageKind.MOVED])


def test_the_clinics_own_cancellation_says_sorry(visit):
    mails(visit)
    cancel(visit, at=SOON, reason="practitioner", undo_until=SOON + timedelta(minutes=10))
    text = words(mails(visit, at=QUIET)[MessageKind.CANCELLED])
    assert "We are sorry: we had to cancel your appointment." in text
    assert "We had to cancel your appointment</h1>" in text
    assert "Was this a mistake?" not in text


def test_a_cancel_that_can_be_undone_says_until_when_and_one_that_cannot_says_nothing_of_it(visit):
    mails(visit)
    cancel(visit, at=SOON, undo_until=SOON + timedelta(minutes=10))
    assert "Was this a mistake? You can undo it here until 9:10 AM, Chicago time:" in words(
        mails(visit, at=QUIET)[MessageKind.CANCELLED]
    )
    late = a_visit()
    cancel(late, at=SOON, undo_until=SOON)
    assert "mistake" not in words(mails(late, at=QUIET)[MessageKind.CANCELLED])
    ill = a_visit()
    cancel(ill, at=SOON, reason="illness")
    assert "mistake" not in words(mails(ill, at=QUIET)[MessageKind.CANCELLED])


def test_a_cancelled_visit_does_not_tell_why(visit):
    mails(visit)
    cancel(visit, at=SOON, reason="hospitalised")
    assert "hospital" not in words(mails(visit, at=QUIET)[MessageKind.CANCELLED])


def test_the_headers_say_that_a_machine_wrote_it(visit):
    relay(at=SOON)
    (outgoing,) = begun(picked_up())
    first, second = (compose(outgoing, at=SOON + timedelta(hours=n)).message() for n in (0, 1))
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] == second["Message-ID"]
    assert str(outgoing.message_id) in first["Message-ID"]
    assert first["Date"] == "Mon, 23 Nov 2026 15:00:01 +0000"
    assert "Reply-To" not in first


@pytest.mark.parametrize("typed", ["<b>Mallory</b> & Co", "Win at evil.example", "Call 312 555 0100", "m@evil.example"])
def test_what_somebody_typed_for_a_name_is_not_mailed_to_strangers(typed):
    mail = mail_of(MessageKind.CONFIRMATION, a_visit(patient=a_patient(typed)))
    assert words(mail).count("Hello,") == 2
    assert not any(word in words(mail) for word in ("Mallory", "evil", "555 0100"))


def test_what_the_clinic_typed_is_not_taken_for_html():
    visit = a_visit(patient=a_patient("Alice O’Hara"))
    move(visit, practitioner="Dr <b>Wu</b>", at=SOON)
    html = part(mails(visit, at=QUIET)[MessageKind.CONFIRMATION], "text/html").get_content()
    assert "Dr &lt;b&gt;Wu&lt;/b&gt;" in html
    assert "Hello Alice O’Hara," in html


def test_a_mail_in_english_is_plain_ascii(visit):
    mail_of(MessageKind.CONFIRMATION, visit)
    raw = mail_of(MessageKind.CONFIRMATION, a_visit()).as_bytes()
    assert raw.isascii()


def test_no_line_of_a_mail_is_too_long_for_a_mail_server(visit):
    raw = mail_of(MessageKind.MOVED, visit).as_bytes()
    assert max(map(len, raw.splitlines())) <= 998


def test_what_to_bring_and_wear_never_names_the_therapy():
    wording = yaml.safe_load((django_settings.BASE_DIR / "scheduler/fixtures/wording.yaml").read_text())
    texts = list(sayings(wording))
    assert len(texts) > 10
    assert [text for text in texts for word in TELLING if word in text.lower()] == []


def sayings(node):
    """Yield every English text about what to bring and wear."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "bring_and_wear":
                yield value["en"]
            else:
                yield from sayings(value)


def test_a_mail_is_in_one_language_throughout():
    rosa = mail_of(MessageKind.CONFIRMATION, a_visit(patient=a_patient("Rosa Delgado", language="es")))
    alice = mail_of(MessageKind.CONFIRMATION, a_visit(patient=a_patient("Alice Adams"), starts_at=STARTS_AT))
    assert rosa["Subject"] == alice["Subject"]
    assert not any(word in words(rosa) for word in ("lunes", "martes", "jueves", "viernes", " de 20"))


def test_the_clinic_signs_its_mails_and_invites_by_its_own_name(settings):
    settings.CLINIC_NAME = 'Harbor "Bay" Clinic, Süd'
    mail = mail_of(MessageKind.CONFIRMATION, a_visit())
    assert words(mail).count("Clinic, Süd") == 3  # at the head and at both feet
    (event,) = icalendar.Calendar.from_ical(part(mail, "text/calendar").get_content()).walk("VEVENT")
    assert event["ORGANIZER"].params["CN"].endswith("Clinic, Süd")


@pytest.mark.parametrize(
    ("sender", "unread"),
    [
        ("Harbor Clinic <desk@harbor.example>", False),
        ("Nora <nora@harbor.example>", False),
        ("Harbor Clinic <no-reply@harbor.example>", True),
        ("DoNotReply@harbor.example", True),
        ("visits-noreply@harbor.example", True),
        ("desk@noreply.example", False),
    ],
)
def test_that_nobody_reads_answers_is_said_only_where_the_clinic_writes_from_such_an_address(settings, sender, unread):
    settings.DEFAULT_FROM_EMAIL = sender
    told = words(mail_of(MessageKind.CONFIRMATION, a_visit()))
    assert told.count("Questions? Call") == 2
    assert told.count("nobody reads the answers") == (2 if unread else 0)


def test_a_reminder_leads_to_what_is_to_be_asked_and_says_nothing_of_it():
    visit = a_visit()
    assert "/questions/" not in words(mail_of(MessageKind.REMINDER, visit))
    other = a_visit()
    adopt_suitability(site=other.site)
    mail = mail_of(MessageKind.REMINDER, other)
    assert words(mail).count("/questions/") == 2
    assert "Please answer some questions before you come" in words(mail)
    assert "There are other questions" not in words(mail)
    assert "blood" not in words(mail).lower()
    assert "question" not in str(mail["Subject"]).lower()


def test_a_reminder_that_asks_two_sets_of_questions_says_that_these_are_two():
    visit = a_visit()
    adopt_suitability(site=visit.site)
    adopt_screening()
    said = words(mail_of(MessageKind.REMINDER, visit))
    assert "please answer a few questions about how you are" in said
    assert "There are other questions as well, about your appointment. Please answer these, too" in said
    assert "Please answer some questions before you come" not in said


def test_what_is_still_to_be_asked_stands_in_the_mail_after_a_move_as_well():
    visit = a_visit()
    adopt_suitability(site=visit.site)
    mails(visit)
    KINDS[MessageKind.MOVED](visit)
    assert words(mails(visit, at=DAY_BEFORE + timedelta(days=7))[MessageKind.MOVED]).count("/questions/") == 2


def test_a_confirmation_asks_nothing_that_would_not_count_any_more_by_then():
    visit = a_visit()
    adopt_suitability(site=visit.site)
    assert "/questions/" not in words(mail_of(MessageKind.CONFIRMATION, visit))
