"""Slot ids on pages: sealed, so that whoever decodes one learns nothing. Those of the API are spelled."""

from core.sealing import seal, unseal

# Sealed for one use: what is sealed elsewhere must not open here.
PURPOSE = "slot on a page"
STEP = 64
LONGEST = 800


def sealed(slot_id: str) -> str:
    """Return a slot id as pages carry it; how long it is tells nothing of what it names, either."""
    # Padded to steps of one length: therapies have keys of different lengths.
    return seal(slot_id.ljust(-(-len(slot_id) // STEP) * STEP), purpose=PURPOSE)


def opened(sent: str) -> str:
    """Return the slot id that a page sent.

    A page that was opened before ids were sealed sends it as it is. What is none comes back unchanged, to be refused
    by whoever reads it.
    """
    found = unseal(sent, purpose=PURPOSE) if len(sent) <= LONGEST else None
    return sent if found is None else found.rstrip()
