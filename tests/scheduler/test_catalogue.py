"""The catalogue that ships: every therapy, what it needs, and words that people understand."""

import re
from datetime import UTC, date, datetime, time
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext

from core.database.transactions import rehearsal
from core.models import Policy
from scheduler.actions import catalogue as shipped
from scheduler.catalogue import catalogue as shown
from scheduler.catalogue.families import families
from scheduler.models import Closure, Device, OpeningHours, Resource, Segment, Therapy, VisitPlan
from scheduler.models.resources import ResourceKind
from tests.factories.scheduler import AT, make_place, make_practitioner, make_room, make_site

pytestmark = pytest.mark.django_db


def plan(therapy, visit="followup", technique=""):
    return VisitPlan.objects.get(therapy__key=therapy, visit=visit, technique=technique)


def steps(found):
    return [(s.name, s.minutes, s.presence) for s in found.segments.all()]


def test_a_follow_up_of_manual_acupuncture_runs_as_it_was_described(catalogue):
    assert steps(plan("acu_manual")) == [
        ("intake", 10, "hands"), ("needling", 10, "hands"), ("retention", 30, "nearby"),
        ("removal", 5, "hands"), ("dress_advice", 5, "free"), ("turnover", 10, "none"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("therapy", "features", "pools", "fills_room"),
    [
        ("acu_manual", ["table"], [], False),
        ("acu_electro", ["table"], ["estim_unit"], False),
        ("acu_auricular", ["chair", "table"], [], False),
        ("acupressure", ["table", "chair"], [], False),
        ("cup_dry", ["table"], ["cup_set"], False),
        ("moxa_indirect", ["ventilated"], [], True),
        ("acu_infusion", ["infusion_bay"], ["mobile_cart"], False),
        ("pmr_acu", ["table"], [], False),
        ("screening_call", [], [], False),
    ],
)
def test_a_visit_needs_a_place_with_one_of_these_and_a_unit_of_each_counted_pool(
    catalogue, therapy, features, pools, fills_room
):
    found = plan(therapy)
    assert (found.place_features, found.device_pools, found.fills_room) == (features, pools, fills_room)


def test_acupuncture_with_heat_runs_as_its_technique_does(catalogue):
    lamp, moxa = plan("acu_heated", technique="heat_lamp"), plan("acu_heated", technique="needle_top_moxa")
    assert (lamp.place_features, lamp.device_pools, lamp.fills_room) == (["table"], ["heat_lamp"], False)
    assert (moxa.place_features, moxa.device_pools, moxa.fills_room) == (["ventilated"], [], True)
    assert ("heat", 20, "nearby") in steps(lamp)
    assert ("heat", 20, "hands") in steps(moxa)
    assert not VisitPlan.objects.filter(therapy__key="acu_heated", technique="").exists()


def test_what_is_for_clinicians_to_order_or_not_planned_yet_cannot_be_found(catalogue):
    assert set(Therapy.objects.filter(active=False).values_list("key", flat=True)) == {
        "cup_wet", "moxa_direct", "acu_group",
    }  # fmt: skip


def test_every_therapy_belongs_to_a_family_that_is_described_and_drawn_also_where_it_was_there_before(catalogue):
    described = {family.key: family for family in families()}
    assert list(described) == ["needles", "pressure", "cupping", "warmth", "other"]
    for family in described.values():
        assert family.name["en"]
        assert family.summary["en"]
        get_template(f"booking/parts/families/{family.key}.html")
    given = {key: therapy for therapy, key in Therapy.objects.values_list("family", "key")}
    assert set(given.values()) <= set(described)
    upgrade = import_module("scheduler.migrations.0020_therapies_get_their_families")
    Therapy.objects.update(family="other")
    upgrade.give_families(apps, None)
    assert {key: therapy for therapy, key in Therapy.objects.values_list("family", "key")} == given


def test_whoever_is_needled_is_known_to_be(catalogue):
    pierced = set(Therapy.objects.filter(skin_penetrating=True).values_list("key", flat=True))
    assert {"acu_manual", "acu_group", "pmr_acu", "cup_wet"} <= pierced
    assert pierced.isdisjoint({"acupressure", "cup_dry", "moxa_indirect", "moxa_direct", "screening_call"})


def test_every_therapy_has_a_name_a_plain_line_and_what_to_bring(catalogue):
    promises = re.compile(r"\b(cure|heals|healing|relie|treat|help|ease|improve|reduce|contraindicat)", re.IGNORECASE)
    assert Therapy.objects.count() > 10
    for therapy in Therapy.objects.all():
        therapy.full_clean()
        for texts in (therapy.summary, therapy.bring_and_wear):
            assert texts["en"]
            assert not promises.search(texts["en"])
            assert max(len(sentence.split()) for sentence in texts["en"].split(".")) <= 24


def test_a_second_load_finds_nothing_to_do_and_leaves_what_a_site_changed(catalogue, capsys):
    Therapy.objects.filter(key="acupressure").update(active=False)
    before = (Therapy.objects.count(), VisitPlan.objects.count(), Segment.objects.count(), Policy.objects.count())
    call_command("load_catalogue")
    assert not capsys.readouterr().out
    assert before == (
        Therapy.objects.count(),
        VisitPlan.objects.count(),
        Segment.objects.count(),
        Policy.objects.count(),
    )
    assert not Therapy.objects.get(key="acupressure").active


def test_overwriting_sets_therapies_back_and_keeps_their_ids(catalogue, capsys):
    before = Therapy.objects.get(key="acupressure")
    Therapy.objects.filter(key="acupressure").update(active=False)
    plan("acupressure").segments.all().delete()
    call_command("load_catalogue", "--overwrite")
    after = Therapy.objects.get(key="acupressure")
    assert (after.pk, after.public_id, after.active) == (before.pk, before.public_id, True)
    assert steps(plan("acupressure"))
    assert "new" in capsys.readouterr().out


def test_the_booking_policy_is_in_force_from_the_start(catalogue):
    window = shown().window(make_site().pk, at=AT)
    assert window.horizon_patient.days == 42
    assert window.min_notice.total_seconds() == 4 * 3600


def test_a_practitioner_can_be_taken_by_hands_and_by_each_lane_at_every_site(catalogue):
    sites = [make_site("lakeside"), make_site("riverside")]
    li = make_practitioner(*sites, lanes=2)
    found = Resource.objects.filter(practitioner=li)
    assert sorted(found.values_list("kind", "lane"), key=str) == [
        (ResourceKind.HANDS, None),
        (ResourceKind.LANE, 1),
        (ResourceKind.LANE, 2),
    ]
    assert all(set(r.sites.all()) == set(sites) for r in found)


def test_a_place_and_a_cup_set_can_be_taken_and_the_cups_come_back_after_an_hour(catalogue):
    site = make_site()
    place = make_place(make_room(site), "table", "hi-lo")
    cups = shipped.add_device(site, pool="cup_set", number=1)
    assert list(place.resource.sites.all()) == list(cups.resource.sites.all()) == [site]
    assert Device.objects.get().reprocess_minutes == 60
    assert shipped.add_device(site, pool="estim_unit", number=1).reprocess_minutes == 0


def test_after_a_rehearsal_people_are_shown_what_was_read_before_it_and_it_is_not_read_again(catalogue):
    lakeside = make_site("lakeside")
    before = shown()
    with rehearsal(only=True):
        make_site("riverside")
        assert len(shown().sites) == 2
    with CaptureQueriesContext(connection) as asked:
        assert shown() is before
    assert len(asked) == 1  # which state it is
    assert list(before.sites) == [lakeside.pk]


def test_a_day_on_which_a_site_is_shut_is_no_business_day_once_staff_say_that_it_is(catalogue):
    lakeside = make_site(opens="07:00", closes="18:00")
    holiday = Closure.objects.create(
        site=lakeside, first_on=date(2026, 10, 6), last_on=date(2026, 10, 6), name="A holiday", confirmed=False
    )

    def due():
        return shown().business_days[lakeside.pk].end_after(1, at=AT)

    assert due() == datetime(2026, 10, 6, 23, tzinfo=UTC)
    Closure.objects.filter(pk=holiday.pk).update(confirmed=True)
    assert due() == datetime(2026, 10, 7, 23, tzinfo=UTC)
    Closure.objects.filter(pk=holiday.pk).update(ends=time(12))
    assert due() == datetime(2026, 10, 6, 23, tzinfo=UTC)
    OpeningHours.objects.filter(site=lakeside).update(closes=time())
    assert due() == datetime(2026, 10, 7, 5, tzinfo=UTC)
