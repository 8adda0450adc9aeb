"""What is another one as soon as anything on a board is: asked every few seconds, so in two small questions."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection

from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.web.desk.board.reading import Period
from core.models import Site
from scheduler import public as scheduler

AT_LEAST_EVERY = timedelta(minutes=5)
"""Whatever else stays as it is: by then the line of the clock lies elsewhere, and states say more of the time."""

# The transaction that wrote a row last, added up: of two at once the one that began first may end last. That changes
# the sum, and would not change a latest moment. Each part reads a short stretch of an index.
ROWS = """
SELECT
  (SELECT row(count(*), sum(xmin::text::bigint)) FROM booking_appointment
   WHERE site_id = %(site)s AND lower(period) >= %(start)s AND lower(period) < %(end)s)::text,
  (SELECT row(count(*), sum(xmin::text::bigint)) FROM booking_hold
   WHERE state = 'open' AND expires_at > %(at)s AND site_id = %(site)s
   AND period && tstzrange(%(start)s, %(end)s))::text,
  (SELECT row(count(*), sum(seat.xmin::text::bigint), sum(kept.xmin::text::bigint))
   FROM booking_reservation AS kept JOIN booking_seat AS seat ON seat.reservation_id = kept.id
   WHERE kept.site_id = %(site)s AND kept.name_by > %(at)s AND seat.state = ANY(%(waiting)s)
   AND seat.period && tstzrange(%(start)s, %(end)s))::text,
  (SELECT row(count(*), sum(answers.xmin::text::bigint))
   FROM booking_appointment AS visit JOIN booking_screeningresponse AS answers ON answers.appointment_id = visit.id
   WHERE visit.site_id = %(site)s AND lower(visit.period) >= %(start)s AND lower(visit.period) < %(end)s)::text
"""


def stamp_of(site: Site, span: Period, *, shown: object, at: datetime) -> str:
    """Return what is another one as soon as something changes on these days of a site; `shown`: how, and to whom."""
    asked: dict[str, Any] = {
        "site": site.pk,
        "start": span[0],
        "end": span[1],
        "at": at,
        "waiting": list(WAITING_FOR_SOMEBODY),
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, asked)
        rows = cursor.fetchone()
    time = scheduler.calendar_stamp()
    said = (site.key, span, shown, int(at.timestamp() // AT_LEAST_EVERY.total_seconds()), rows, time)
    return sha256(repr(said).encode()).hexdigest()
