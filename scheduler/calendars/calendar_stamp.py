"""What tells of any edit of the catalogue or of a calendar: who works when, what is closed, what is kept for whom."""

from django.db import connection

# Cover edits by their ids, not the latest alone: of two edits at once the one with the smaller id may be written last.
STAMP = """SELECT stamp::text, (SELECT array_agg(id ORDER BY id) FROM scheduler_coveredit)::text
FROM scheduler_cataloguestamp"""


def calendar_stamp() -> tuple[str, str | None]:
    """Return what is another one as soon as the catalogue or a calendar was edited, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        stamp, edits = cursor.fetchone()
    return stamp, edits
