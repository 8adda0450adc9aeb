"""What the REST doors of all apps share."""

from core.api.pages import Pages
from core.api.strict import Instant, StrictParser, StrictSerializer
from core.api.texts import Texts, Words

__all__ = ["Instant", "Pages", "StrictParser", "StrictSerializer", "Texts", "Words"]
