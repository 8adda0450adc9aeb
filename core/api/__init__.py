"""What the REST views of all apps share."""

from core.api.pagination import Pages
from core.api.strict import CalendarDate, Instant, StrictParser, StrictSerializer
from core.api.texts import LineField, LocalizedTextField

__all__ = ["CalendarDate", "Instant", "LineField", "LocalizedTextField", "Pages", "StrictParser", "StrictSerializer"]
