"""Nothing that a spreadsheet takes for a formula: no name comes in as one, and no cell goes out as one."""

import csv
import io

import pytest
from django.urls import get_resolver, reverse

from booking.actions.patients import patients
from booking.moving_in.actions import long_imports
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.rows import Setting
from core.accounts.actions import people
from core.admin.accounts import PersonChangeForm
from core.models import RoleAssignment, User
from core.refusals import Invalid
from core.roles import Role
from scheduler.actions import practitioners
from tests.booking.pages.drafting import staff
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT, make_practitioner

HOSTILE = '=HYPERLINK("http://x")'
CHOSEN_BY_HER = "a long sentence of hers"
SAID = "A name cannot begin with =, +, - or @"


def register(site):
    patients.register(
        name=HOSTILE, birth_date=AT.date().replace(year=1961), email="a@x.test", site=site, by=SYSTEM, at=AT
    )


def correct(site):
    born = AT.date().replace(year=1961)
    ann = patients.register(name="Ann", birth_date=born, email="a@x.test", site=site, by=SYSTEM, at=AT)
    patients.change(ann, name=HOSTILE, by=SYSTEM, at=AT)


def add_practitioner(site):
    practitioners.add_practitioner(name=HOSTILE, nucc="171100000X", lanes=1, sites=[site], by=SYSTEM, at=AT)


def rename_practitioner(site):
    practitioners.change_practitioner(make_practitioner(site, name="Hana Kim"), name=HOSTILE, by=SYSTEM, at=AT)


def add_account(site):
    people.add_account(username="eve", email="eve@example.test", name=HOSTILE, password=CHOSEN_BY_HER)


@pytest.mark.parametrize("door", [register, correct, add_practitioner, rename_practitioner, add_account])
def test_no_name_begins_like_a_formula_at_any_door(door, site):
    with pytest.raises(Invalid) as refused:
        door(site)
    (error,) = refused.value.facts["errors"]
    assert (error["pointer"], SAID in error["detail"]) == ("/name", True)


def test_a_superuser_is_told_as_well():
    form = PersonChangeForm({"first_name": "=1", "last_name": "+2"}, instance=User(username="eve"))
    assert not form.is_valid()
    assert {"first_name", "last_name"} <= {*form.errors}


def rows_left_out(site):
    """Import a table whose one row is none; return the id of the import."""
    ada = User.objects.get(username="ada")
    setting = Setting(by=SYSTEM, at=AT, site=site, sites=(site,))
    run = long_imports.begin(KINDS["practitioners"], b"Name\n=1+1\n", 1, setting, by=ada.pk)
    RoleAssignment.objects.update(starts_at=AT)
    long_imports.go_on(run.pk, at=AT)
    return run.public_id


def csv_doors():
    names = get_resolver().reverse_dict
    found = sorted(name for name in names if isinstance(name, str) and name.endswith(("-csv", "-template")))
    assert len(found) >= 3
    return found


def test_every_cell_that_goes_out_is_made_safe_by_the_one_writer(site, monkeypatch):
    browsers = [staff("ada", Role.ADMIN, site), staff("frank", Role.PROGRAM, site)]
    told = {"desk-import-template": ["patients"], "desk-import-left-csv": [rows_left_out(site)]}
    monkeypatch.setattr("core.http.csv_download._safe", lambda _cell: "safe")
    for name in csv_doors():
        browser = browsers[name == "desk-family-measures-csv"]
        answer = browser.get(reverse(name, args=told.get(name, [])))
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8", name
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {cell for row in rows for cell in row} == {"safe"}, name
