"""Programs in the admin: whoever sets up all their sites writes them, and the change counts at once."""

import pytest

from core.roles import Role
from scheduler.models import Program, Therapy
from scheduler.public import CANCER_PROGRAM, programs
from tests.factories.admin import adding, changing, listing, sign_in
from tests.factories.blocks import make_block
from tests.factories.browser import sent_from
from tests.factories.scheduler import make_practitioner

PROGRAM = {"key": "pediatrics", "name": "Pediatrics", "active": "on"}


@pytest.fixture
def ada(client, site):
    return sign_in(client, "ada", Role.ADMIN, site)


def test_ada_adds_a_program_and_lets_another_ask_for_a_referral(ada, site):
    therapy = Therapy.objects.get(key="acu_manual")
    assert ada.post(adding("program"), PROGRAM | {"sites": [site.pk], "therapies": [therapy.pk]}).status_code == 302
    assert {one.key: one.therapies for one in programs()}["pediatrics"] == {"acu_manual"}
    row = Program.objects.get(key=CANCER_PROGRAM)
    Program.objects.filter(pk=row.pk).update(name=row.name | {"es": "Programa"})
    sent = {"name": "Cancer care", "active": "on", "families": "on", "referral_required": "on"}
    assert ada.post(changing(row), sent).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.key, row.referral_required) == ({"en": "Cancer care", "es": "Programa"}, CANCER_PROGRAM, True)
    assert {one.key: one.referral_required for one in programs()}[CANCER_PROGRAM]


def test_what_a_colleague_gave_a_program_meanwhile_stays_when_ada_renames_it(ada):
    row, therapy = Program.objects.get(key=CANCER_PROGRAM), Therapy.objects.get(key="acu_manual")
    form = sent_from(ada.get(changing(row)))
    row.therapies.set([therapy])
    assert ada.post(changing(row), form | {"name": "Cancer care"}).status_code == 302
    row.refresh_from_db()
    assert (row.name["en"], list(row.therapies.all())) == ("Cancer care", [therapy])


def test_a_name_is_asked_for(ada):
    assert ada.post(adding("program"), PROGRAM | {"name": ""}).status_code == 200
    assert not Program.objects.filter(key="pediatrics").exists()


def test_who_sets_up_one_site_of_two_changes_no_program_of_both(ada, site, riverside):
    row = Program.objects.get(key=CANCER_PROGRAM)
    assert ada.get(listing("program")).status_code == 200
    assert ada.post(changing(row), {"name": "Mine", "active": "on"}).status_code == 403
    assert ada.post(adding("program"), PROGRAM).status_code == 403
    row.sites.set([site])
    assert ada.post(changing(row), {"name": "Ours", "active": "on", "sites": [site.pk]}).status_code == 302


def test_ada_names_her_site_and_neither_another_one_nor_all_of_them(ada, site, riverside):
    row = Program.objects.get(key=CANCER_PROGRAM)
    row.sites.set([site])
    for beyond in ([site.pk, riverside.pk], [riverside.pk], []):
        refused = ada.post(changing(row), {"name": "Ours", "active": "on", "sites": beyond})
        assert "Name sites that you set up." in refused.content.decode()
        assert list(row.sites.all()) == [site]


def test_twin_without_the_look_at_her_reach_ada_gives_it_to_a_site_that_is_not_hers(ada, site, riverside, monkeypatch):
    row = Program.objects.get(key=CANCER_PROGRAM)
    row.sites.set([site])
    for where in ("admin", "actions"):
        monkeypatch.setattr(f"scheduler.{where}.programs.refuse_beyond", lambda _sites, by: None)
    ada.post(changing(row), {"name": "Ours", "active": "on", "sites": [site.pk, riverside.pk]})
    assert row.sites.count() == 2


def test_a_scheduler_looks_and_changes_nothing(dana):
    row = Program.objects.get(key=CANCER_PROGRAM)
    assert dana.get(changing(row)).status_code == 200
    assert dana.post(changing(row), {"name": "Mine"}).status_code == 403


def test_blocks_are_there_to_look_at_and_to_narrow_down_at_ones_own_site_alone(dana, site, riverside, li):
    wu = make_practitioner(riverside, name="Dr Wu")
    mine, _theirs = make_block(li, 1, "12:00", "13:00"), make_block(wu, 1, "12:00", "13:00")
    shown = dana.get(listing("familyblock"))
    assert list(shown.context["cl"].queryset) == [mine]
    assert dana.get(listing("familyblock"), {"ended": "yes"}).context["cl"].result_count == 0
    assert dana.get(listing("familyblock"), {"ended": "no"}).context["cl"].result_count == 1
    assert "Beside infusion" in dana.get(changing(mine)).content.decode()
    assert dana.post(changing(mine), {"reason": "Mine"}).status_code == 403
    assert dana.get(adding("familyblock")).status_code == 403
