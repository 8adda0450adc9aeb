"""Messages: how quickly they are picked up and settled, and sending against a bare kept-open connection."""

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.db import connection

from booking.models import Appointment, Patient
from core import clock
from core.models import Site
from notifications.actions import claims, dispatch
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from proof.benchmarks.bookings import patients
from proof.benchmarks.rounds import Result, median_of, ratio
from proof.benchmarks.senders import rate_side_by_side
from proof.benchmarks.server import ROOT, free_port
from scheduler.models import Practitioner, Therapy

CLAIMED, BATCH, SENT = 10_000, 500, 500
WORKERS = 2
VISITS = SENT * WORKERS
STARTS_WITHIN = 20
NOTE = "UPDATE notifications_message SET begun = begun + 1 WHERE id = (SELECT min(id) FROM notifications_message)"


def run(*, rounds: int) -> list[Result]:
    """Measure claim and mark, then dispatch against a bare SMTP loop over the same mails."""
    visits = make_visits(VISITS)
    rates = [claim_and_mark(visits) for _ in range(rounds)]
    rate = median_of(rates)
    mails = ready_made(visits)
    return [
        Result("claim + mark, batches of 500", f"{rate:,.0f}/s", "≥ 10,000/s", rate >= 10_000),  # noqa: PLR2004
        *dispatch_against("InTwentyMilliseconds", "20 ms a mail", visits, mails, rounds=rounds, least=0.8),
        *dispatch_against("AtOnce", "at once", visits, mails, rounds=rounds, least=0.5),
        *side_by_side("AtOnce", "at once", visits, mails, rounds=rounds),
    ]


def dispatch_against(
    server: str, answers: str, visits: list[Appointment], mails: list[bytes], *, rounds: int, least: float
) -> list[Result]:
    """Let dispatch and bare loops take turns at one mail server; return how they compare.

    One loop only sends. The other notes each mail durably before it: less cannot tell what was sent when it is killed.
    """
    with peer(server) as port:
        use(port)
        rates = [
            (send_by_dispatch(visits), send_bare(mails, port), send_bare(mails, port, before_each=note_durably))
            for _ in range(rounds)
        ]
    ours, bare, noting = (median_of(rate) for rate in zip(*rates, strict=True))
    to_bare, to_noting = median_of(d / b for d, b, _ in rates), median_of(d / n for d, _, n in rates)
    return [
        ratio(f"dispatch ÷ a bare SMTP loop, {answers}", to_bare, least=least, told=f"{ours:.0f}/s of {bare:.0f}/s"),
        ratio(f"dispatch ÷ a loop that notes each mail, {answers}", to_noting, told=f"{ours:.0f}/s of {noting:.0f}/s"),
    ]


def side_by_side(
    server: str, answers: str, visits: list[Appointment], mails: list[bytes], *, rounds: int
) -> list[Result]:
    """Let two workers send at once, then two bare loops, then one; return how they compare."""
    rates = []
    with peer(server) as port:
        use(port)
        for _ in range(rounds):
            make_due(visits, SENT * WORKERS, at=clock.now())
            ours = rate_side_by_side("round", port, [[]] * WORKERS)
            check_sent(SENT * WORKERS)
            rates.append((ours, rate_side_by_side("bare", port, [mails] * WORKERS), send_bare(mails, port)))
    ours, several, one = (median_of(rate) for rate in zip(*rates, strict=True))
    to_several, to_one = median_of(o / s for o, s, _ in rates), median_of(o / b for o, _, b in rates)
    return [
        ratio(f"two workers ÷ two bare SMTP loops, {answers}", to_several, told=f"{ours:.0f}/s of {several:.0f}/s"),
        ratio(f"two workers ÷ one bare SMTP loop, {answers}", to_one, told=f"{ours:.0f}/s of {one:.0f}/s"),
    ]


def make_visits(count: int) -> list[Appointment]:
    """Write visits directly, one for each patient; nothing is claimed for them."""
    site, at = Site.objects.get(key="bench"), clock.now()
    who, therapy = Practitioner.objects.order_by("pk")[0], Therapy.objects.get(key="acu_manual")
    patients(count, site)
    start = at + timedelta(days=1, hours=2)
    period = (start, start + timedelta(hours=1))
    return Appointment.objects.bulk_create(
        Appointment(
            patient=patient, practitioner=who, therapy=therapy, visit="followup", site=site, period=period,
            status="booked", allocation=uuid4(), created_at=at, updated_at=at,
        )
        for patient in Patient.objects.order_by("pk")[:count]
    )  # fmt: skip


def make_due(visits: list[Appointment], count: int, *, at: datetime) -> None:
    """Write due confirmations, the only messages there are."""
    Message.objects.all().delete()
    Message.objects.bulk_create(
        Message(
            appointment=visits[n % len(visits)], version=0, recipient_id=visits[n % len(visits)].patient_id,
            kind=MessageKind.CONFIRMATION, resend=n // len(visits), due_at=at - timedelta(minutes=1), created_at=at,
        )
        for n in range(count)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE notifications_message")


def claim_and_mark(visits: list[Appointment]) -> float:
    """Pick everything up in batches and note it as sent; return messages a second."""
    at = clock.now()
    make_due(visits, CLAIMED, at=at)
    begun = time.perf_counter()
    while ids := claims.claim("email", at=at, limit=BATCH):
        Message.objects.end(ids, Delivery.SENT, at=at)
    seconds = time.perf_counter() - begun
    if Message.objects.filter(status=Delivery.SENT).count() != CLAIMED:
        raise RuntimeError("Not all messages were marked.")
    return CLAIMED / seconds


def send_by_dispatch(visits: list[Appointment]) -> float:
    """Send by the worker's own round; return mails a second."""
    make_due(visits, SENT, at=clock.now())
    begun = time.perf_counter()
    dispatch.run(now=clock.now)
    seconds = time.perf_counter() - begun
    check_sent(SENT)
    return SENT / seconds


def check_sent(count: int) -> None:
    """See that so many messages were sent. Raises RuntimeError."""
    sent = Message.objects.filter(status=Delivery.SENT).count()
    if sent != count:
        raise RuntimeError(f"{sent} of {count} messages were sent.")


def ready_made(visits: list[Appointment]) -> list[bytes]:
    """Return the mails of one round as they go over the wire."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    send_by_dispatch(visits)
    return [sent.message().as_bytes().replace(b"\n", b"\r\n") for sent in mail.outbox]


def note_durably() -> None:
    """Commit a change of one row."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE)


def send_bare(mails: list[bytes], port: int, *, before_each: Callable[[], object] = lambda: None) -> float:
    """Send ready-made mails over one connection, and do something `before_each`; return mails a second."""
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        for one in mails:
            before_each()
            line.sendmail("a@example.org", ["b@example.org"], one)
    return len(mails) / (time.perf_counter() - begun)


@contextmanager
def peer(server: str) -> Iterator[int]:
    """Run one of `mail_servers` in a process of its own; yield its port."""
    port = free_port()
    kind = f"proof.benchmarks.mail_servers.{server}"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", kind]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Wait until the mail server greets. Raises RuntimeError."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The mail server did not start: is aiosmtpd installed?")


def use(port: int) -> None:
    """Let Django send through the peer."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
