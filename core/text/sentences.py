"""Sentences that end in what somebody typed."""


def as_sentence(text: str) -> str:
    """Return a text with one full stop at its end, whatever it ended with."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
