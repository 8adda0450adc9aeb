"""How the queue is reached by whoever rings and goes on: once, and not for long. Imports nothing: the beat is small."""


def try_once(*, patience: float) -> dict[str, float]:
    """Return the transport options of a connection that tries once, `patience` seconds for each step."""
    return {
        "socket_connect_timeout": patience,
        "socket_timeout": patience,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
