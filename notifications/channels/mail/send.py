"""A kept-open connection to the mail server that knows how handing over each mail ended."""

import logging
import re
import smtplib
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Self

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend

from core.monitoring import progress
from notifications.channels.mail.mime import WrittenMail
from notifications.status import DeliveryOutcome, Ending

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend


log = logging.getLogger(__name__)

# Reply codes of RFC 5321, 4.2.
OK = 250
GO_AHEAD = 354
CLOSING = 421
FOR_NOW = range(400, 500)
FOR_GOOD = range(500, 600)
BARE = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
NOTHING = DeliveryOutcome(Ending.NOT_GIVEN)


class Sender:
    """Hands mails to Django's e-mail backend, over one connection.

    SMTP is spoken step by step: only so it is known, when the connection breaks, whether the server has the mail.
    """

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection()
        self._awaits_go_ahead = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def open(self) -> bool:
        """Connect, if not yet connected; say whether there is a connection."""
        try:
            self.backend.open()
        except OSError as error:  # smtplib's own errors are OSErrors, too
            log.warning("no mail server: %s", type(error).__name__)
            return False
        progress.note()
        return True

    def close(self) -> None:
        """End the connection, politely where the server still listens."""
        if self._awaits_go_ahead:
            self.withdraw()
        if isinstance(self.backend, SMTPBackend):
            _end(self.backend)
        else:
            self.backend.close()

    def announce(self, mail: WrittenMail) -> DeliveryOutcome | None:
        """Say from whom and to whom a mail is; return the refusal, or None if it may come. Nothing is given yet.

        The server is asked for its go-ahead, too: it answers while the mail is judged and marked. What was announced
        before and not given, as where the mark had to be tried again, is taken back.
        """
        if self._awaits_go_ahead:
            self.withdraw()
        if not isinstance(self.backend, SMTPBackend):
            return None
        if not self.open() or self.backend.connection is None:
            return NOTHING
        try:
            refusal = _announce(self.backend.connection, mail)
            if refusal is None:
                self.backend.connection.putcmd("DATA")
                self._awaits_go_ahead = True
        except OSError:
            _end(self.backend)
            return NOTHING
        if refusal is not None:
            self._start_anew(refusal)
        return refusal

    def withdraw(self) -> None:
        """Take back what was announced. A server that is ready for the mail has the line cut: nothing else says so."""
        server = self.backend.connection if isinstance(self.backend, SMTPBackend) else None
        if server is None or not self._awaits_go_ahead:
            self._start_anew(NOTHING)
            return
        try:
            code = self._go_ahead(server)
        except OSError:
            code = CLOSING
        if code == GO_AHEAD:
            server.close()
        self._start_anew(_refusal(code))

    def hand_over(self, mail: WrittenMail) -> DeliveryOutcome | None:
        """Give the announced mail to the server; return None when its `answer` is awaited, else how it ended.

        Until the last dot is out, a broken connection means that nothing was given.
        """
        if not isinstance(self.backend, SMTPBackend):
            return DeliveryOutcome(Ending.SENT if self.backend.send_messages([mail.mail]) else Ending.REFUSED)
        server = self.backend.connection
        if server is None:
            return NOTHING
        try:
            code = self._go_ahead(server)
            if code != GO_AHEAD:
                return self._ready_again(_refusal(code))
            server.send(mail.wire)
        except OSError:
            _end(self.backend)
            return NOTHING
        return None

    def _go_ahead(self, server: smtplib.SMTP) -> int:
        """Return what the server answers to being asked for its go-ahead."""
        self._awaits_go_ahead = False
        return server.getreply()[0]

    def answer(self) -> DeliveryOutcome:
        """Wait for what the server says to the mail that it was given."""
        if not isinstance(self.backend, SMTPBackend) or self.backend.connection is None:
            return DeliveryOutcome(Ending.UNKNOWN)
        try:
            code, _ = self.backend.connection.getreply()
        except OSError:
            _end(self.backend)
            return DeliveryOutcome(Ending.UNKNOWN)
        return self._ready_again(_outcome(code))

    def _ready_again(self, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return an outcome, ready for the next mail."""
        self._start_anew(outcome)
        return outcome

    def _start_anew(self, outcome: DeliveryOutcome) -> None:
        """After a refusal, start anew: on the same connection, or on another one when the server hangs up."""
        if outcome.ending is Ending.SENT or not isinstance(self.backend, SMTPBackend):
            return
        server = self.backend.connection
        if server is None:
            return
        try:
            if _hangs_up(outcome.code) or server.rset()[0] != OK:
                _end(self.backend)
        except OSError:
            _end(self.backend)


def _announce(server: smtplib.SMTP, mail: WrittenMail) -> DeliveryOutcome | None:
    """Say from whom and to whom; return the refusal, if there is one."""
    server.ehlo_or_helo_if_needed()
    # The server can refuse what is too large before it is sent (RFC 1870).
    options = [f"size={len(mail.wire)}"] if server.has_extn("size") else []
    # Names in other letters go as they are (RFC 6152), where the server says that it takes them.
    if server.has_extn("8bitmime"):
        options.append("body=8bitmime")
    code, _ = server.docmd("MAIL", " ".join([f"FROM:{_in_brackets(mail.sender)}", *options]))
    if code != OK:
        # That we may not send at all is our fault and not the recipient's: it is mended by people, and tried again.
        return DeliveryOutcome(Ending.NOT_GIVEN, code)
    code, _ = server.docmd("RCPT", f"TO:{_in_brackets(mail.recipient)}")
    return None if code // 10 == OK // 10 else _refusal(code)


@lru_cache(maxsize=64)
def _in_brackets(address: str) -> str:
    """Return an address, or that of "Name <address>", as SMTP has it."""
    # smtplib takes each apart as if it might be a list of people with comments, which takes longer than to send it.
    return f"<{address}>" if BARE.fullmatch(address) else smtplib.quoteaddr(address)


def _refusal(code: int) -> DeliveryOutcome:
    """Return what a reply to RCPT or DATA means that is no yes: whatever it says, the server has no mail yet."""
    return _outcome(code) if code in FOR_NOW or code in FOR_GOOD else DeliveryOutcome(Ending.NOT_GIVEN, code)


def _hangs_up(code: int) -> bool:
    """Say whether a connection is of no more use after a reply: the server closes, or is out of step."""
    return code == CLOSING or (code != 0 and code not in FOR_NOW and code not in FOR_GOOD)


def _outcome(code: int) -> DeliveryOutcome:
    """Return what a reply to the mail itself means. A server that closes does so for all mail."""
    if code == CLOSING:
        return DeliveryOutcome(Ending.NOT_GIVEN, code)
    if code in FOR_GOOD:
        return DeliveryOutcome(Ending.REFUSED, code)
    if code in FOR_NOW:
        return DeliveryOutcome(Ending.PUT_OFF, code)
    return DeliveryOutcome(Ending.SENT if code // 100 == OK // 100 else Ending.UNKNOWN, code)


def _end(backend: SMTPBackend) -> None:
    """End the connection; an error on the way changes nothing about what was sent."""
    try:
        backend.close()
    except OSError as error:
        log.info("the mail server hung up: %s", type(error).__name__)
