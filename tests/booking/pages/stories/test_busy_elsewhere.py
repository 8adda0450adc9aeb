"""A calendar elsewhere stands as absences: without titles, beside others, and as it was when it cannot be read."""

import io
import re
import ssl
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from booking.models import Appointment, CalendarEdit, CallTask
from core.http.public_address import Reach, Unread, is_public, read_public
from core.roles import Role
from scheduler.actions import busy_calendars
from scheduler.models import Absence, BusyCalendar, Practitioner
from tests.booking.impact_pages import form_of
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, chicago, make_person, make_visit, slot_id
from tests.factories.scheduler import AT

TUESDAY = ("DTSTART:20261006T150000Z", "DTEND:20261006T160000Z")
FRIDAY = ("DTSTART:20261009T150000Z", "DTEND:20261009T160000Z")


def calendar(*events):
    lines = [line for event in events for line in ("BEGIN:VEVENT", "UID:x", "SUMMARY:Dentist", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def grace(site):
    return Practitioner.objects.get(name="Grace Okoro")


@pytest.fixture
def dana(site):
    return staff("dana", Role.SCHEDULER, site)


def sent(browser, who, content):
    file = io.BytesIO(content)
    file.name = "busy.ics"
    shown = browser.post("/desk/busy/", {"who": str(who.public_id), "file": file})
    assert "Nothing is entered yet." in text_of(shown)
    return browser.post("/desk/busy/", carried(shown) | form_of(shown), follow=True)


def carried(page):
    return {"carried": re.search(r'name="carried" value="([^"]+)"', page.content.decode())[1]}


def absences(who):
    return [f"{one.period.lower:%m-%d %H}" for one in Absence.objects.filter(practitioner=who).order_by("period")]


def test_a_file_stands_as_absences_the_next_one_takes_its_place_and_one_press_takes_it_out(dana, grace):
    page = sent(dana, grace, calendar(TUESDAY, FRIDAY))
    assert "2 busy times to come are absences now." in text_of(page)
    assert "Dentist" not in text_of(page)
    assert absences(grace) == ["10-06 15", "10-09 15"]
    sent(dana, grace, calendar(FRIDAY))
    assert absences(grace) == ["10-09 15"]
    (row,) = BusyCalendar.objects.all()
    dana.post(f"/desk/busy/{row.public_id}/remove/")
    assert absences(grace) == []


def test_a_file_in_which_nothing_is_busy_is_entered_where_it_takes_the_place_of_another_alone(dana, grace):
    past = calendar(("DTSTART:20250106T150000Z", "DTEND:20250106T160000Z"))
    file = io.BytesIO(past)
    file.name = "busy.ics"
    shown = dana.post("/desk/busy/", {"who": str(grace.public_id), "file": file})
    assert "there is nothing to enter" in text_of(shown)
    assert "carried" not in shown.content.decode()
    sent(dana, grace, calendar(FRIDAY))
    sent(dana, grace, past)
    assert absences(grace) == []


def test_whose_appointment_loses_cover_is_settled_with_it_and_all_is_taken_back(dana, grace, site):
    visit = make_visit(
        make_person(site, "Olga Reyes").record, slot_id(grace, chicago(6, 10)), at=AT - timedelta(days=4)
    )
    page = sent(dana, grace, calendar(TUESDAY))
    assert "1 busy time to come is an absence now. Moved: 1" in text_of(page)
    assert Appointment.objects.get(pk=visit.pk).version == 1
    edit = CalendarEdit.objects.get()
    assert "Entered today" in text_of(page)
    assert "what their own calendar says, from Tuesday" in text_of(dana.get("/desk/away/"))
    back = dana.post(f"/desk/busy/{edit.public_id}/undo/", follow=True)
    assert "It is taken back, and everybody is where they were." in text_of(back)
    assert (absences(grace), BusyCalendar.objects.count()) == ([], 0)
    assert Appointment.objects.get(pk=visit.pk).period == visit.period


def test_taken_out_nobody_is_called_any_more_at_once(dana, grace, site):
    olga = make_person(site, "Olga Reyes").record
    make_visit(olga, slot_id(grace, chicago(6, 10)), at=AT - timedelta(days=4))
    file = io.BytesIO(calendar(TUESDAY))
    file.name = "busy.ics"
    shown = dana.post("/desk/busy/", {"who": str(grace.public_id), "file": file})
    dana.post("/desk/busy/", carried(shown) | form_of(shown) | {"all": "keep"})
    assert CallTask.objects.filter(done_at=None).exists()
    dana.post(f"/desk/busy/{BusyCalendar.objects.get().public_id}/remove/")
    assert not CallTask.objects.filter(done_at=None).exists()


def test_what_was_shown_to_somebody_is_entered_by_nobody_else(dana, grace, site):
    file = io.BytesIO(calendar(TUESDAY))
    file.name = "busy.ics"
    shown = dana.post("/desk/busy/", {"who": str(grace.public_id), "file": file})
    rita = staff("rita", Role.SCHEDULER, site)
    assert rita.post("/desk/busy/", carried(shown)).status_code == 422
    assert absences(grace) == []


def test_what_says_already_that_they_are_away_stays_and_is_not_said_twice(dana, grace):
    leave = Absence.objects.create(practitioner=grace, period=(AT + timedelta(hours=24), AT + timedelta(hours=27)))
    sent(dana, grace, calendar(TUESDAY, FRIDAY))
    assert absences(grace) == ["10-06 13", "10-09 15"]
    leave.refresh_from_db()
    assert leave.busy_calendar is None


@pytest.mark.parametrize(
    ("who", "says"), [("grace", "This is no calendar."), ("nobody", "Choose whose calendar it is.")]
)
def test_what_cannot_be_read_is_said_and_changes_nothing(dana, grace, who, says):
    named = str(grace.public_id) if who == "grace" else who
    file = io.BytesIO(b"hello")
    file.name = "busy.ics"
    page = dana.post("/desk/busy/", {"who": named, "file": file})
    assert page.status_code == 422
    assert says in text_of(page)
    assert absences(grace) == []


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1",
    "0.0.0.0", "224.0.0.1", "100.64.0.1", "2002:0a00:0001::1",
])  # fmt: skip
def test_no_address_behind_our_walls_is_called(address):
    assert not is_public(address)
    with pytest.raises(Unread, match="not one of the public internet"):
        read_public(
            "https://calendar.example/x.ics", reach=Reach(look_up=lambda _host, _port: ["93.184.216.34", address])
        )


def test_public_addresses_are_called():
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize("url", [
    "http://calendar.example/", "file:///etc/passwd", "https://me@calendar.example/", "https://calendar.example:8443/",
    "calendar",
])  # fmt: skip
def test_only_https_is_read(url):
    with pytest.raises(Unread, match="begins with https"):
        read_public(url)


class Feed:
    """A server on this machine with a calendar that changes, reached as if it were a public one."""

    def __init__(self, folder):
        self.content, self.status, self.leads = calendar(TUESDAY), 200, ""
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(302 if feed.leads else feed.status)
                if feed.leads:
                    self.send_header("Location", feed.leads)
                self.end_headers()
                self.wfile.write(feed.content)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        key, shown = folder / "key.pem", folder / "cert.pem"
        certify(key, shown)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(shown, key)
        self.server.socket = own.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        here = {"port": self.server.server_port, "context": ssl.create_default_context(cafile=str(shown))}
        self.reach = Reach(look_up=lambda _host, _port: ["127.0.0.1"], allowed=lambda _address: True, **here)


def certify(key_file, shown_file):
    """Write a key, and a certificate of calendar.example that it signs itself."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=calendar.example")
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(AT - timedelta(days=900)).not_valid_after(AT + timedelta(days=9000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("calendar.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    shown_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def feed(tmp_path):
    there = Feed(tmp_path)
    yield there
    there.server.shutdown()
    there.server.server_close()


URL = "https://calendar.example/secret-of-grace.ics"


def test_a_feed_is_read_again_and_when_it_fails_staff_read_why_and_what_it_said_stays(feed, grace, dana):
    made = busy_calendars.add_busy_feed(grace, URL, by=SYSTEM, at=AT, reach=feed.reach)
    assert absences(grace) == ["10-06 15"]
    assert "secret" not in made.calendar.sealed_url
    feed.content = calendar(FRIDAY)
    busy_calendars.read_busy_again(made.calendar, by=SYSTEM, at=AT, reach=feed.reach)
    assert absences(grace) == ["10-09 15"]
    for wrong in ({"status": 404}, {"status": 200, "content": b"<html>"}, {"content": b"x" * 1_000_001}):
        vars(feed).update(wrong)
        assert busy_calendars.read_busy_again(made.calendar, by=SYSTEM, at=AT, reach=feed.reach) is None
        assert absences(grace) == ["10-09 15"]
    said = text_of(dana.get("/desk/busy/"))
    assert "It could not be read since then: There is more than a megabyte. Copy the address anew" in said
    assert "Feed at calendar.example." in said
    assert "secret-of-grace" not in said


def test_where_a_feed_leads_is_judged_anew(feed):
    feed.leads = "http://169.254.169.254/latest/"
    with pytest.raises(Unread, match="begins with https"):
        read_public(URL, reach=feed.reach)
    feed.leads = URL
    with pytest.raises(Unread, match="without an end"):
        read_public(URL, reach=feed.reach)


def test_a_certificate_of_another_name_is_no_answer(feed):
    with pytest.raises(Unread, match="Nobody answers there"):
        read_public("https://other.example/x.ics", reach=feed.reach)
