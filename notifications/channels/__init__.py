"""How things are said: one folder per channel, and the list of those in use."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.channels.channel import MessageChannel

EMAIL = "email"
"""The channel of what is about an e-mail address itself: its code, its links, that it was replaced."""


def channels() -> tuple[MessageChannel, ...]:
    """Return the channels in use, in the order in which a round serves them."""
    return _channels(tuple(settings.MESSAGE_CHANNELS))


def channel_of(key: str) -> MessageChannel | None:
    """Return a channel by its key, or None for one that is not in use any more."""
    return next((one for one in channels() if one.key == key), None)


@cache
def _channels(paths: tuple[str, ...]) -> tuple[MessageChannel, ...]:
    return tuple(_channel(path) for path in paths)


@cache
def _channel(path: str) -> MessageChannel:
    made: MessageChannel = import_string(path)()
    return made
