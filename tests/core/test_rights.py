"""The rights table, read as sentences."""

import pytest

from core.principal import Principal
from core.rights import MATRIX, Action, Scope, Subject, may, may_ever, sites_for
from core.roles import Role

LAKESIDE, RIVERSIDE = 1, 2
DANA = Principal("user:1", 1, frozenset({(Role.SCHEDULER, LAKESIDE)}))
ALICE = Principal("user:2", 2, frozenset({(Role.PATIENT, None)}))
DR_LI = Principal("user:3", 3, frozenset({(Role.PRACTITIONER, LAKESIDE)}))
FRANK = Principal("user:4", 4, frozenset({(Role.PROGRAM, LAKESIDE)}))
AUDITOR = Principal("user:5", 5, frozenset({(Role.AUDITOR, LAKESIDE)}))
VISITOR = Principal("visitor:x", None, frozenset({(Role.ANONYMOUS, None)}))
NOBODY = Principal("user:6", 6)

ALICES_VISIT = Subject(sites=frozenset({LAKESIDE}), owner=2, practitioner=3)


def test_every_action_has_a_row():
    assert set(MATRIX) == set(Action)


def test_alice_may_cancel_her_own_visit_and_no_other():
    assert may(ALICE, Action.CANCEL, ALICES_VISIT)
    assert not may(ALICE, Action.CANCEL, Subject(sites=frozenset({LAKESIDE}), owner=9))


def test_alice_sees_what_her_visit_is_for_and_not_what_staff_write_for_each_other():
    assert may(ALICE, Action.SEE_THERAPY, ALICES_VISIT)
    assert not may(ALICE, Action.SEE_DETAILS, ALICES_VISIT)
    assert may(DANA, Action.SEE_DETAILS, ALICES_VISIT)


def test_dana_may_act_at_her_site_only():
    assert may(DANA, Action.CANCEL, ALICES_VISIT)
    assert not may(DANA, Action.CANCEL, Subject(sites=frozenset({RIVERSIDE}), owner=2))
    assert sites_for(DANA, Action.CANCEL) == {LAKESIDE}


def test_dr_li_may_act_in_her_own_calendar_only():
    assert may(DR_LI, Action.MOVE, ALICES_VISIT)
    assert not may(DR_LI, Action.MOVE, Subject(sites=frozenset({LAKESIDE}), practitioner=8))


def test_frank_may_act_for_enrolled_patients_at_his_site_only():
    enrolled = Subject(sites=frozenset({LAKESIDE}), owner=2, programs=frozenset({LAKESIDE}))
    elsewhere = Subject(sites=frozenset({RIVERSIDE}), owner=2, programs=frozenset({LAKESIDE}))
    assert may(FRANK, Action.CANCEL, enrolled)
    assert not may(FRANK, Action.CANCEL, ALICES_VISIT)
    assert not may(FRANK, Action.CANCEL, elsewhere)


def test_frank_and_dana_keep_seats_for_families_at_their_site_and_dr_li_does_not():
    here, elsewhere = (Subject(sites=frozenset({site}), programs=frozenset({site})) for site in (LAKESIDE, RIVERSIDE))
    assert [may(who, Action.RESERVE_SEATS, here) for who in (FRANK, DANA, DR_LI, ALICE)] == [True, True, False, False]
    assert not may(FRANK, Action.RESERVE_SEATS, elsewhere)


def test_an_auditor_sees_visits_without_names_and_changes_nothing():
    assert may(AUDITOR, Action.SEE_APPOINTMENT, ALICES_VISIT)
    assert not may(AUDITOR, Action.SEE_NAMES, ALICES_VISIT)
    assert not may(AUDITOR, Action.SEE_THERAPY, ALICES_VISIT)
    assert not may(AUDITOR, Action.SEE_DETAILS, ALICES_VISIT)
    assert not may_ever(AUDITOR, Action.CANCEL)


def test_a_visitor_books_through_the_pages_and_not_through_the_api():
    assert MATRIX[Action.BOOK][Role.ANONYMOUS] is Scope.PAGES
    assert not may_ever(VISITOR, Action.BOOK)
    assert may_ever(VISITOR, Action.SEE_FREE_TIMES)


def test_somebody_signed_in_without_a_role_may_do_nothing():
    assert not any(may_ever(NOBODY, action) for action in Action)


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.REVIEW])
def test_only_a_clinician_reviews_and_a_clinician_does_not_run_the_desk(action):
    assert set(MATRIX[Action.REVIEW]) == {Role.CLINICIAN}
    if action.startswith(("edit", "mark", "book", "register")):
        assert Role.CLINICIAN not in MATRIX[action]
