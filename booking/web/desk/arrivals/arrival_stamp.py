"""What is another one as soon as anything changes at the door of a site: asked every few seconds, so in one query."""

from datetime import datetime, time, timedelta
from hashlib import sha256

from django.db import connection

from booking.web.desk.shell import A_DAY, Desk

AT_LEAST_EVERY = timedelta(minutes=5)
"""Whatever else stays as it is: by then a status says something else of the time."""

# The transaction that wrote a row last, added up: of two at once the one that began first may end last. That changes
# the sum, and would not change a latest moment.
ROWS = """
WITH here AS (
  SELECT id, xmin::text::bigint AS written FROM booking_appointment
  WHERE site_id = %(site)s AND lower(period) >= %(begins)s AND lower(period) < %(ends)s
)
SELECT
  (SELECT row(count(*), sum(written)) FROM here)::text,
  (SELECT row(count(*), sum(said.xmin::text::bigint))
   FROM booking_screeningresponse AS said JOIN here ON said.appointment_id = here.id)::text,
  (SELECT row(count(*), sum(call.xmin::text::bigint))
   FROM booking_calltask AS call JOIN here ON call.appointment_id = here.id)::text
"""


def stamp_of(desk: Desk, *, at: datetime) -> str:
    """Return what is another one as soon as something changes at the door of a site, in one query."""
    begins, ends = (datetime.combine(day, time(), desk.site.tz) for day in (desk.on, desk.on + A_DAY))
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"site": desk.site.pk, "begins": begins, "ends": ends})
        rows = cursor.fetchone()
    said = (desk.site.key, desk.on, int(at.timestamp() // AT_LEAST_EVERY.total_seconds()), rows)
    return sha256(repr(said).encode()).hexdigest()
