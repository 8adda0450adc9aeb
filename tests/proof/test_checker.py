"""The checker finds each broken promise: every test breaks one by plain SQL, with its guard out of the way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from booking.models import Appointment
from notifications.actions import relay
from proof.checker import check
from proof.replay import acknowledged
from proof.replay.tally import Promise
from tests.demo_clinic import OPENED_AT

pytestmark = pytest.mark.usefixtures("clinic")


def sql(statement, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else None


def without(table, constraint):
    """Take a guard away until the test is over."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def kinds(at=OPENED_AT):
    return {finding.kind for finding in check(at=at)}


def a_visit(therapy="acu_manual"):
    return Appointment.objects.filter(therapy__key=therapy, created_at__lt=OPENED_AT).order_by("pk")[0]


def test_two_claims_of_one_resource_are_found():
    without("scheduler_claim", "claim_shares_no_time_with_another")
    sql(
        "INSERT INTO scheduler_claim (allocation, resource_id, period) SELECT allocation, resource_id, "
        "tstzrange(lower(period) + interval '5 min', upper(period) + interval '5 min') "
        "FROM scheduler_claim ORDER BY id LIMIT 1"
    )
    assert "claims-overlap" in kinds()


def test_claims_that_only_touch_are_no_overlap():
    assert "claims-overlap" not in kinds()
    hands = sql("SELECT count(*) FROM scheduler_claim a JOIN scheduler_claim b ON a.resource_id = b.resource_id "
                "AND upper(a.period) = lower(b.period)")  # fmt: skip
    assert hands[0][0] > 0


def test_a_patient_in_two_places_is_found():
    without("booking_appointment", "patient_is_in_one_place_at_a_time")
    one = a_visit()
    other = Appointment.objects.filter(period__overlap=one.period).exclude(patient=one.patient)[0]
    sql("UPDATE booking_appointment SET patient_id = %s WHERE id = %s", one.patient_id, other.pk)
    assert "patient-in-two-places" in kinds()


def test_a_visit_that_lost_a_claim_is_found():
    sql("DELETE FROM scheduler_claim WHERE id = (SELECT min(id) FROM scheduler_claim)")
    assert {"claims-do-not-fit", "sheet-differs"} <= kinds()


def test_a_visit_in_another_place_than_it_claimed_is_found():
    visit = a_visit()
    sql("UPDATE booking_appointment SET place_id = (SELECT min(id) FROM scheduler_place WHERE id <> %s) WHERE id = %s",
        visit.place_id, visit.pk)  # fmt: skip
    assert kinds() == {"claims-do-not-fit"}


def test_a_visit_in_hours_of_the_program_whose_patient_is_not_in_it_is_found():
    visit = a_visit()
    sql("UPDATE scheduler_workinghours SET audience = 'cancer-integrative-medicine' WHERE practitioner_id = %s",
        visit.practitioner_id)  # fmt: skip
    others = sql("SELECT count(*) FROM booking_appointment WHERE practitioner_id = %s", visit.practitioner_id)
    found = [one for one in check(at=OPENED_AT) if one.kind == "in-hours-of-others"]
    assert 0 < len(found) <= others[0][0]
    sql("INSERT INTO booking_enrolment (patient_id, site_id, program) VALUES (%s, %s, 'cancer-integrative-medicine')",
        visit.patient_id, visit.site_id)  # fmt: skip
    assert f"appointment {visit.pk}:" not in str(list(check(at=OPENED_AT)))


def test_a_visit_that_moved_without_its_claims_is_found():
    sql("UPDATE booking_appointment SET period = "
        "tstzrange(lower(period) + interval '1 day', upper(period) + interval '1 day') WHERE id = %s",
        a_visit().pk)  # fmt: skip
    assert "claims-do-not-fit" in kinds()


def test_a_visit_of_the_wrong_length_is_found():
    sql("UPDATE booking_appointment SET period = tstzrange(lower(period), upper(period) - interval '5 min') "
        "WHERE id = %s",
        a_visit().pk)  # fmt: skip
    assert kinds() == {"visit-has-wrong-length"}


def test_a_claim_for_nobody_is_found():
    sql("UPDATE scheduler_claim SET allocation = %s WHERE allocation = %s", uuid4(), a_visit().allocation)
    assert {"claim-for-nobody", "claims-do-not-fit"} <= kinds()


def test_a_claim_of_a_cancelled_visit_is_found():
    sql("UPDATE booking_appointment SET status = 'cancelled', cancel_reason = 'patient', cancelled_at = now() "
        "WHERE id = %s",
        a_visit().pk)  # fmt: skip
    assert "claim-for-nobody" in kinds()


def test_a_claim_of_a_seat_that_was_given_back_is_found():
    assert "claim-for-nobody" not in kinds()
    sql("UPDATE booking_seat SET state = 'released' WHERE id = (SELECT min(id) FROM booking_seat)")
    assert kinds() == {"claim-for-nobody"}


def test_a_sheet_that_says_something_else_than_the_claims_is_found():
    sql("UPDATE scheduler_weeksheet SET taken = set_bit(taken, 0, 1 - get_bit(taken, 0)) "
        "WHERE id = (SELECT max(id) FROM scheduler_weeksheet)")  # fmt: skip
    assert kinds() == {"sheet-differs"}


def test_a_claim_that_no_sheet_shows_is_found():
    sql("DELETE FROM scheduler_weeksheet WHERE (resource_id, week) = "
        "(SELECT resource_id, (date_trunc('week', lower(period) AT TIME ZONE 'UTC'))::date "
        "FROM scheduler_claim ORDER BY id LIMIT 1)")  # fmt: skip
    assert kinds() == {"claim-without-sheet"}


def test_a_missing_message_is_found():
    sql("DELETE FROM notifications_message WHERE appointment_id = %s AND kind = 'confirmation'", a_visit().pk)
    assert kinds() == {"messages-differ"}


def test_whoever_lacks_a_referral_is_reminded_of_that_and_of_nothing_else():
    relay.relay(at=OPENED_AT)
    waits = Appointment.objects.exclude(awaits_referral="").get(status="pending")
    assert kinds() == set()
    sql("DELETE FROM notifications_message WHERE appointment_id = %s AND offset_minutes = 7200", waits.pk)
    assert kinds() == {"messages-differ"}


def test_a_message_written_twice_is_found():
    without("notifications_message", "message_is_said_once")
    copied = ("appointment_id, version, recipient_id, channel, kind, offset_minutes, policy_version, resend, due_at, "
              "status, reason, attempts, settled_at, created_at, facts")  # fmt: skip
    unsent = f"SELECT {copied} FROM notifications_message WHERE settled_at IS NULL LIMIT 1"
    sql(f"INSERT INTO notifications_message ({copied}) {unsent}")
    assert kinds() == {"messages-differ"}


def test_a_message_sent_twice_is_found():
    without("notifications_message", "message_is_said_once")
    copied = ("appointment_id, version, recipient_id, channel, kind, offset_minutes, policy_version, resend, due_at, "
              "reason, attempts, settled_at, created_at, facts")  # fmt: skip
    for _ in range(2):
        sql(f"INSERT INTO notifications_message ({copied}, status) SELECT {copied}, 'sent' FROM notifications_message "
            "WHERE kind = 'confirmation' ORDER BY id LIMIT 1")  # fmt: skip
    assert "sent-twice" in kinds()


def test_a_message_sent_after_the_visit_changed_is_found():
    visit = a_visit()
    sql("INSERT INTO booking_change (appointment_id, version, move, before, after, by, at, facts, relayed_at) "
        "VALUES (%s, 1, 'cancel', 'booked', 'cancelled', 'user:1', %s, '{}', now())", visit.pk, OPENED_AT)  # fmt: skip
    sql("UPDATE notifications_message SET status = 'sent', settled_at = %s "
        "WHERE appointment_id = %s AND kind = 'reminder'",
        OPENED_AT + timedelta(minutes=5), visit.pk)  # fmt: skip
    assert "sent-for-an-old-version" in kinds()


def test_news_told_before_things_are_quiet_is_found():
    visit = a_visit()
    sql("UPDATE booking_appointment SET version = 1 WHERE id = %s", visit.pk)
    sql("INSERT INTO booking_change (appointment_id, version, move, before, after, by, at, facts, relayed_at) "
        "VALUES (%s, 1, 'reschedule', 'booked', 'booked', 'user:1', %s, '{}', now())", visit.pk, OPENED_AT)  # fmt: skip
    sql("UPDATE notifications_message SET status = 'sent', kind = 'moved', version = 1, settled_at = %s "
        "WHERE appointment_id = %s AND kind = 'confirmation'",
        OPENED_AT + timedelta(seconds=1), visit.pk)  # fmt: skip
    assert "told-too-early" in kinds()


def test_a_flooded_mailbox_is_found():
    copied = ("appointment_id, version, recipient_id, channel, kind, offset_minutes, policy_version, due_at, reason, "
              "attempts, created_at, facts")  # fmt: skip
    sql(f"INSERT INTO notifications_message ({copied}, status, settled_at, resend) "
        f"SELECT {copied}, 'sent', %s, n FROM notifications_message, generate_series(1, 16) n "
        "WHERE appointment_id = %s AND kind = 'confirmation'", OPENED_AT, a_visit().pk)  # fmt: skip
    assert "mailbox-flooded" in kinds()


def test_a_reminder_due_at_night_is_found():
    zone = "AT TIME ZONE 'America/Chicago'"
    sql(
        f"UPDATE notifications_message SET due_at = (date_trunc('day', due_at {zone}) + interval '22 h') {zone} "
        "WHERE id = (SELECT max(id) FROM notifications_message WHERE kind = 'reminder' AND status = 'due')"
    )
    assert kinds() == {"reminder-at-night"}


def test_what_waits_too_long_is_found():
    assert kinds(at=OPENED_AT + timedelta(days=30)) == {"still-waiting"}


def test_a_lost_booking_and_a_changed_one_are_found():
    visit = a_visit()
    kept = Promise(str(visit.public_id), visit.period.lower, 0, "booked")
    later = Promise(str(visit.public_id), visit.period.lower + timedelta(hours=1), 0, "booked")
    lost = Promise(str(uuid4()), visit.period.lower, 0, "booked")
    assert list(acknowledged.broken([kept])) == []
    assert [f.kind for f in acknowledged.broken([later])] == ["booking-differs"]
    assert [f.kind for f in acknowledged.broken([lost])] == ["booking-lost"]
    assert list(acknowledged.broken([later], unsure=[later.id])) == []


def test_bookings_that_nobody_was_told_of_are_found():
    sql(
        "UPDATE booking_contactpoint SET value = 'replay.run1.7@example.org' WHERE patient_id = %s",
        a_visit().patient_id,
    )
    assert [f.kind for f in acknowledged.unasked("run1", [])] == ["bookings-nobody-asked-for"]
