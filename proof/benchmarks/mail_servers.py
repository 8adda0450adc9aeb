"""Mail servers to be measured against, each run in a process of its own by aiosmtpd."""

import asyncio

from aiosmtpd.handlers import Sink

ANSWERS_IN = 0.020


class AtOnce(Sink):  # type: ignore[misc]  # comes without types
    """Takes every mail at once and keeps none."""


class InTwentyMilliseconds(AtOnce):
    """Takes every mail 20 ms after its last dot, as a server does that has written it down."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  (aiosmtpd asks for this name)
        """Take a mail."""
        await asyncio.sleep(ANSWERS_IN)
        return "250 OK"
