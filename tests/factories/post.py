"""A mail server that does as it is told, on this machine."""

import asyncio
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

PUT_OFF, REFUSED = "451 4.7.1 Try again later", "550 5.1.1 Nobody here by that name"


class Post:
    """A mail server. What it answers is decided by the name before the @: see `answers`."""

    def __init__(self):
        self.mails = []
        self.connections = 0
        self.goes_down_with = 0
        self.stalls_with = 0

    def address(self, name):
        return f"{name}@example.test"

    def received(self, name):
        return [mail for mail in self.mails if mail["X-To"] == self.address(name)]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802  (aiosmtpd asks for this name)
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  (aiosmtpd asks for this name)
        name = address.partition("@")[0]
        if name == "refused":
            return REFUSED
        if name == "put-off":
            return PUT_OFF
        if name == "cut-before":
            server.transport.abort()
        if name == "closing":
            return "421 4.3.0 Going down"
        if name == "odd-reply":
            return "220 Who are you?"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd asks for this name)
        name = envelope.rcpt_tos[0].partition("@")[0]
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail["X-To"] = envelope.rcpt_tos[0]
        if name == "refused-later":
            return "554 5.7.1 Not wanted"
        if name == "put-off-later":
            return "452 4.3.1 Full"
        self.mails.append(mail)
        while len(self.mails) == self.stalls_with:
            await asyncio.sleep(0.02)
        if len(self.mails) == self.goes_down_with:
            self.listening.server.close()
        if name == "cut-after" or len(self.mails) == self.goes_down_with:
            server.transport.abort()
        return "250 OK"


class OutOfStep(SMTP):
    """Says yes to a mail of a certain name before it was given."""

    async def smtp_DATA(self, arg):  # noqa: N802  (aiosmtpd's own name)
        if self.envelope.rcpt_tos[:1] == ["out-of-step@example.test"]:
            await self.push("250 2.0.0 OK")
        else:
            await super().smtp_DATA(arg)


class PostController(Controller):
    def factory(self):
        return OutOfStep(self.handler, enable_SMTPUTF8=False, data_size_limit=2**20)


@contextmanager
def post_office(port=0):
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    post = Post()
    controller = PostController(post, hostname="127.0.0.1", port=port)
    controller.start()
    post.port, post.stop, post.listening = port, controller.stop, controller
    try:
        yield post
    finally:
        if controller.server is not None:
            controller.stop()
