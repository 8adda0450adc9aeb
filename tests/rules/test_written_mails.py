"""A mail is written quickly, and to the letter as Django writes it."""

import re
from dataclasses import fields

import hypothesis
import pytest
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from core.templatetags.clinic import Foot, PhoneLine
from notifications.channels.mail import filled_in
from notifications.channels.mail.context import VisitMailContext
from notifications.channels.mail.mime import as_bytes

BOUNDARY = re.compile(rb"={15}\w+==")
TEXTS = st.text(max_size=90) | st.sampled_from(["Hello,\n", "From the desk\r\n.\r\nBye", "żółw", "x" * 1000, "ż" * 600])
SUBJECTS = TEXTS.filter(lambda text: not re.search(r"[\r\n]", text))
SENDERS = st.sampled_from(
    ["desk@harbor.example", "Harbor Clinic <desk@harbor.example>", '"Süd, Bay" <a@bücher.example>']
)
IDS = st.sampled_from(["<message-1.2@harbor.example>", f"<message-1.{'2' * 36}@appointments.harbor.example>"])


def a_mail(
    *, subject="Your appointment", text="Hello,\n", html="<p>Hello,</p>\n", calendar="BEGIN:VCALENDAR\r\n", **its
):
    headers = {"Date": "Mon, 23 Nov 2026 15:00:01 +0000", "Message-ID": its["id"], "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(subject, text, its["sender"], ["alice@example.test"], headers=headers)
    mail.attach_alternative(html, "text/html")
    mail.attach_alternative(calendar, "text/calendar; method=REQUEST")
    return mail


@example(a_mail(sender="desk@harbor.example", id="<1@a.example>"))
@given(st.builds(a_mail, subject=SUBJECTS, text=TEXTS.filter(bool), html=TEXTS, calendar=TEXTS, sender=SENDERS, id=IDS))
def test_a_mail_goes_out_as_django_writes_it_whatever_somebody_is_called(mail):
    slowly = mail.message().as_bytes(linesep="\r\n")
    assert BOUNDARY.sub(b"", as_bytes(mail)) == BOUNDARY.sub(b"", slowly)


def test_a_mail_with_something_attached_or_copied_is_left_to_django():
    mail = EmailMultiAlternatives("Report", "See below.", "a@harbor.example", ["b@harbor.example"], cc=["c@d.example"])
    mail.attach("week.csv", "a,b\n", "text/csv")
    assert b"week.csv" in as_bytes(mail)
    assert b"Cc: c@d.example" in as_bytes(mail)


KINDS = ("confirmation", "reminder", "moved", "cancelled")
OTHERS = dict.fromkeys(("arrive_early", "companions", "companion_age"), st.integers(0, 2)) | {**dict.fromkeys(
    ("new_practitioner", "may_decline", "new_place", "again", "by_clinic", "moved_since"), st.booleans()
)}  # fmt: skip
SAID = st.sampled_from(["", "Alice O’Hara", "<b>Wu</b> & Co", "100 % {{ words }} %(name)s", "שלום"])
FOOT = Foot(("Harbor Light",), (PhoneLine("", "(312) 555-0100", "Monday to Friday, 8 AM to 6 PM"),))
WORDS = st.builds(VisitMailContext, **{field.name: OTHERS.get(field.name, SAID) for field in fields(VisitMailContext)})


def written(template, words):
    shown = {"words": words, "foot": FOOT}
    return filled_in.filled_in(template, words, FOOT), render_to_string(template, shown)


@pytest.mark.parametrize("template", [f"notifications/mail/{kind}.{end}" for kind in KINDS for end in ("txt", "html")])
@hypothesis.settings(max_examples=20)
@given(st.data())
def test_a_mail_says_what_its_template_says_whoever_it_is_to(template, data):
    quickly, slowly = written(template, data.draw(WORDS))
    assert quickly == slowly


def test_each_reader_gets_the_frame_in_their_own_direction_and_the_clinics_name_of_now(settings):
    words = VisitMailContext(**{f.name: "" for f in fields(VisitMailContext)})
    seen = set()
    for language, clinic in [("en", "Harbor"), ("ar", "Harbor"), ("en", "Lakeside")]:
        settings.CLINIC_NAME = clinic
        with translation.override(language):
            quickly, slowly = written("notifications/mail/reminder.html", words)
        assert quickly == slowly
        seen.add(quickly)
    assert len(seen) == 3
