"""A long table is taken over in the background after one press: left, come back to, gone on with by hand, done once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.models import Patient, TableImport
from booking.moving_in.actions import importing, long_imports
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.rows import RowOutcome, RowResult, Setting
from booking.tasks import take_over_tables
from booking.web.desk.moving_in import import_rows
from core.clock import now
from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.stories.test_importing import looked_at
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM
from tests.factories.browser import sent_from
from tests.factories.scheduler import AT, make_site

NAMES = ["One Ash", "Two Birch", "Three Cedar", "Four Elm", "Five Fir", "Six Gum", "Seven Hazel"]
LONG = "Name,Patients at once\n" + "".join(f"{name},2\n" for name in NAMES) + "Eight Ivy,9\n"


@pytest.fixture
def ada(site, monkeypatch):
    monkeypatch.setitem(KINDS, "practitioners", replace(KINDS["practitioners"], most=6))
    return staff("ada", Role.ADMIN, site)


def made():
    return list(Practitioner.objects.filter(name__in=NAMES).order_by("pk").values_list("name", flat=True))


def pressed(browser, content=LONG):
    """Look at a long table, and let it be imported; return the page that says how far it is."""
    preview = looked_at(browser, "practitioners", content)
    assert "Import all 8 rows" in text_of(preview)
    assert made() == []
    return browser.post("/desk/import/practitioners/", sent_from(preview).dict() | {"act": "import"}, follow=True)


def test_one_press_begins_it_and_the_page_may_be_left_and_come_back_to(ada):
    page = pressed(ada)
    assert "0 of 8 rows are done." in text_of(page)
    assert page.headers["Refresh"].startswith("5; url=")
    here = page.redirect_chain[-1][0]
    assert "Refresh" not in ada.get(here + "&still=1").headers
    assert "0 of 8 rows are done" in text_of(ada.get("/desk/import/"))

    take_over_tables()
    assert made() == NAMES
    done = ada.get(here)
    said = text_of(done)
    assert "7 rows were imported; 8 of 8 were looked at. 1 row was left out." in said
    assert "Row 9 Eight Ivy Column B, Patients at once: Give a number from 1 to 6." in said
    assert "Refresh" not in done.headers
    sealed = TableImport.objects.get()
    assert not any("Ivy" in text for text in (sealed.content, sealed.left_out))

    run = f"/desk/import/under-way/{sealed.public_id}"
    taken_along = ada.get(f"{run}/left-out.csv").content.decode("utf-8-sig")
    assert taken_along.splitlines()[1].startswith("Eight Ivy,9,")
    again = ada.post("/desk/import/practitioners/", {"of": str(sealed.public_id)})
    assert "1 to be mended" in text_of(again)
    by_hand = RowOutcome(result=RowResult.SAME, name="Eight Ivy", number=9)  # somebody entered them meanwhile
    for _press in range(2):
        long_imports.settle(sealed.pk, [by_hand])
    assert "7 rows were imported; 8 of 8 were looked at. 1 were there already." in text_of(ada.get(here))


def test_a_part_that_a_dying_worker_had_begun_is_done_once_and_by_the_next(ada, monkeypatch):
    pressed(ada)
    (run,) = TableImport.objects.values_list("pk", flat=True)
    assert long_imports.go_on(run, at=TableImport.objects.get().begun_at)
    each = importing.each

    def dying(*args):
        each(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "each", dying)
    with pytest.raises(KeyboardInterrupt):
        take_over_tables()
    monkeypatch.setattr(importing, "each", each)
    assert (made(), TableImport.objects.get().rows_done) == (NAMES[:1], 1)
    take_over_tables()
    assert made() == NAMES


def test_a_table_at_which_a_worker_breaks_holds_up_no_other(ada, site, monkeypatch):
    pressed(ada)
    practitioners, by = TableImport.objects.get(), User.objects.get(username="ada").pk
    setting = Setting(by=SYSTEM, at=practitioners.begun_at + timedelta(seconds=1), site=site, sites=(site,))
    people = b"Name,Date of birth,Phone\nAna Diaz,1961-03-27,3125550188\n"
    long_imports.begin(KINDS["patients"], people, 1, setting, by=by)
    each = importing.each

    def breaking(kind, *args):
        return each(kind, *args) if kind.key == "patients" else 1 / 0

    monkeypatch.setattr(importing, "each", breaking)
    with pytest.raises(ZeroDivisionError):
        take_over_tables()
    assert Patient.objects.filter(name="Ana Diaz").exists()


def test_twin_a_part_that_does_not_say_how_far_it_came_is_done_again(ada, monkeypatch):
    pressed(ada)
    monkeypatch.setattr(TableImport, "save", lambda *_args, **_how: None)
    (run,) = TableImport.objects.all()
    for _again in range(2):
        long_imports.go_on(run.pk, at=run.begun_at)
    assert (made(), TableImport.objects.get().rows_done) == (NAMES[:1], 0)


def test_where_no_worker_comes_the_page_says_so_and_it_is_gone_on_with_by_hand(ada, clock):
    page = pressed(ada)
    here = page.redirect_chain[-1][0]
    assert "Go on by hand" not in text_of(page)
    clock.shift(120)
    late = ada.get(here)
    assert "nobody seems to be at work in the background" in text_of(late)
    for _press in range(3):
        ada.post(here, {"act": "go-on"})
    assert made() == NAMES
    assert "8 of 8 were looked at" in text_of(ada.get(here))


def test_whoever_comes_second_is_led_to_the_one_under_way_and_may_stop_it(ada, site):
    here = pressed(ada).redirect_chain[-1][0]
    eve = staff("eve", Role.ADMIN, site)
    second = pressed(eve)
    assert "Such a table is being imported at this site already." in text_of(second)
    assert second.redirect_chain[-1][0] == here
    said = text_of(eve.post(here, {"act": "stop"}, follow=True))
    assert "It was stopped before its end." in said
    take_over_tables()
    assert made() == []


def test_it_ends_where_whoever_pressed_may_not_any_more_and_is_forgotten(ada, clock):
    pressed(ada)
    clock.shift(60)
    RoleAssignment.objects.update(ends_at=now())
    clock.shift(60)
    take_over_tables()
    run = TableImport.objects.get()
    assert (made(), run.ended_at is not None, run.content) == ([], True, "")
    assert long_imports.forget(at=run.begun_at + timedelta(days=14)) == 1


@pytest.mark.parametrize("run", ["0", "00000000-0000-4000-8000-000000000000"])
def test_rows_of_no_import_of_theirs_are_not_there(ada, run):
    assert ada.post("/desk/import/practitioners/", {"of": run}).status_code == 404


def test_rows_that_one_site_left_out_are_not_imported_at_another(ada):
    RoleAssignment.objects.create(
        user=User.objects.get(username="ada"), role=Role.ADMIN, site=make_site("riverside"), starts_at=AT
    )
    pressed(ada)
    take_over_tables()
    there = {"of": str(TableImport.objects.get().public_id)}
    answers = [ada.post(f"/desk/import/practitioners/?site={key}", there) for key in ("lakeside", "riverside")]
    assert [answer.status_code for answer in answers] == [200, 404]


def test_all_rows_that_cannot_be_read_are_counted_before_it_begins_and_the_first_are_listed(ada, monkeypatch):
    monkeypatch.setattr(import_rows, "MOST_MISREAD", 2)
    rows = LONG.replace("Five Fir,2", "Five Fir,two").replace("Six Gum,2", "Six Gum,six").replace("Ivy,9", "Ivy,nine")
    said = text_of(looked_at(ada, "practitioners", rows))
    assert "Of all 8 rows, 3 cannot be read" in said
    assert "Column B, Patients at once: 3" in said
    assert ("Row 6 Five Fir" in said, "Row 7 Six Gum" in said, "Row 9 Eight Ivy" in said) == (True, True, False)
    assert "And 1 more." in said


def test_a_table_of_a_kind_that_is_taken_no_more_ends_and_says_so(ada, monkeypatch):
    here = pressed(ada).redirect_chain[-1][0]
    monkeypatch.delitem(KINDS, "practitioners")
    assert "takes tables of this kind no more" in text_of(ada.get(here))
    take_over_tables()
    said = text_of(ada.get(here))
    assert ("It has ended" in said, TableImport.objects.get().ended_at is not None) == (True, True)
    assert "Practitioners" in text_of(ada.get("/desk/import/"))
    assert ada.get(here.partition("?")[0] + "left-out.csv").status_code == 404


def test_an_address_that_reaches_nobody_is_counted_before_it_begins(ada, monkeypatch):
    monkeypatch.setitem(KINDS, "patients", replace(KINDS["patients"], most=1))
    rows = "Name,Date of birth,E-mail,Phone\nAna Diaz,1961-04-03,not an address,\nBo Chen,1970-12-25,,12\n"
    said = text_of(looked_at(ada, "patients", rows))
    assert "Of all 2 rows, 2 cannot be read" in said
    assert "Column C, E-mail: 1" in said
    assert "Column D, Phone: 1" in said
