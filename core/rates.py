"""How often something may be tried: a burst, and then one more each time that a pause has passed.

Counted in PostgreSQL: every process sees the same count, and emptying the queue gives nobody a new start.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils.crypto import salted_hmac

from core.database import deletion
from core.models import RateCount

# The generic cell rate algorithm (ITU-T I.371): one time per key says all that a list of tries would.
TAKE = """
INSERT INTO core_ratecount AS held (key, paid_at)
VALUES (%(key)s, %(at)s::timestamptz + make_interval(secs => %(pause)s))
ON CONFLICT (key) DO UPDATE SET paid_at = greatest(held.paid_at, %(at)s) + make_interval(secs => %(pause)s)
WHERE greatest(held.paid_at, %(at)s) <= %(at)s::timestamptz + make_interval(secs => %(rest)s)
RETURNING key
"""
"""One statement reads and counts, so that tries side by side cannot slip through together."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` tries at once, then one each `pause`: within any hour no more than burst + hour / pause."""

    name: str
    burst: int
    pause: timedelta

    def take(self, whom: str, *, at: datetime) -> datetime | None:
        """Count one try of `whom`; return None, or when the next one is allowed."""
        key, pause, rest = self._key(whom), self.pause.total_seconds(), (self.burst - 1) * self.pause
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"key": key, "at": at, "pause": pause, "rest": rest.total_seconds()})
            if cursor.fetchone():
                return None
        held = RateCount.objects.filter(pk=key).values_list("paid_at", flat=True).first()
        return (held or at) - rest

    def give_back(self, whom: str) -> None:
        """Take back one counted try."""
        RateCount.objects.filter(pk=self._key(whom)).update(paid_at=F("paid_at") - self.pause)

    def _key(self, whom: str) -> str:
        # Hashed with the secret: whoever reads the table does not learn whose address or account was tried.
        return salted_hmac("core.rates", f"{self.name}:{whom}", algorithm="sha256").hexdigest()


def prune(*, at: datetime) -> None:
    """Forget those who have waited long enough to begin anew."""
    deletion.delete(RateCount.objects.filter(paid_at__lte=at))
