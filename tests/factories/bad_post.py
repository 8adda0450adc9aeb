"""A mail server that refuses, cuts and stalls by chance, until it is told to be well."""

import asyncio
import random
from dataclasses import dataclass
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from core import clock

REFUSES, CUTS, STALLS = 0.10, 0.03, 0.02
STALL = 12.0
"""Seconds: longer than whoever sends waits for an answer."""


@dataclass(frozen=True)
class Taken:
    """A mail that the server has: when its bytes began to come, for whom, and which."""

    began: float
    to: str
    message_id: str
    subject: str


class BadPost:
    """Mails as they were taken, and how often the server left somebody without an answer."""

    def __init__(self, seed: int) -> None:
        self.chance, self.well = random.Random(seed), False
        self.taken: list[Taken] = []
        self.unanswered = self.refused = 0

    def happens(self, share: float) -> bool:
        return not self.well and self.chance.random() < share

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  (aiosmtpd asks for this name)
        if self.happens(REFUSES):
            self.refused += 1
            return "451 4.7.1 Try again later"
        if self.happens(STALLS / 2):
            await asyncio.sleep(STALL)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd asks for this name)
        mail = message_from_bytes(envelope.content)
        self.taken.append(
            Taken(server.began_at, envelope.rcpt_tos[0], mail["Message-ID"], mail["Subject"].partition(":")[0])
        )
        if self.happens(CUTS):
            self.unanswered += 1
            server.transport.abort()
        elif self.happens(STALLS / 2):
            self.unanswered += 1
            await asyncio.sleep(STALL)
        return "250 OK"


class Watching(SMTP):
    """Notes when somebody begins to give a mail."""

    began_at = 0.0

    async def smtp_DATA(self, arg):  # noqa: N802  (aiosmtpd's own name)
        self.began_at = clock.now().timestamp()
        await super().smtp_DATA(arg)


class BadPostController(Controller):
    def factory(self):
        return Watching(self.handler, data_size_limit=2**20)
