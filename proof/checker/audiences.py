"""Nobody has time in hours that are open to others alone, unless staff gave a reason.

A visit that was booked before its hours became narrower stands, and looks the same: after such an edit this is a hint.
"""

from collections.abc import Iterator

from proof.checker.finding import Violation, rows

VISITS_OF_OTHERS = """
SELECT a.id, h.audience
FROM booking_appointment a
JOIN core_site s ON s.id = a.site_id
JOIN booking_patient p ON p.id = a.patient_id
CROSS JOIN LATERAL (SELECT lower(a.period) AT TIME ZONE s.zone AS wall) AS start
JOIN scheduler_workinghours h ON h.practitioner_id = a.practitioner_id AND h.site_id = a.site_id
  AND h.weekday = extract(isodow FROM start.wall) AND h.starts <= start.wall::time
  AND (start.wall::time < h.ends OR h.ends = '00:00')
  AND h.valid_from <= start.wall::date AND (h.valid_to IS NULL OR start.wall::date < h.valid_to)
  AND (date_trunc('week', start.wall)::date - date_trunc('week', h.valid_from::timestamp)::date) / 7
      %% h.every_weeks = 0
WHERE a.status IN ('proposed', 'pending', 'booked', 'arrived', 'checked-in')
  AND h.audience <> 'all' AND a.override_reason = ''
  AND CASE h.audience
      WHEN 'staff' THEN a.booked_by_id IS NULL OR a.booked_by_id = p.user_id
      ELSE NOT EXISTS (SELECT FROM booking_enrolment e WHERE e.patient_id = a.patient_id AND e.site_id = a.site_id
                       AND e.program = h.audience AND (e.ends_at IS NULL OR a.created_at < e.ends_at))
      END
"""


def differences() -> Iterator[Violation]:
    """Yield each visit that begins in hours which are not open to its patient."""
    for visit, audience in rows(VISITS_OF_OTHERS):
        yield Violation("in-hours-of-others", f"appointment {visit}: hours of {audience}")
