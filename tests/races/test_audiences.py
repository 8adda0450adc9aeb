"""Hours become the program's while a stranger is about to claim them: the look under the lock, and its twin."""

from uuid import uuid4

import pytest

from core.principal import Principal
from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM
from scheduler.models import Claim
from scheduler.public import Audience, ClaimRequest, NotOpenYet, SlotTaken, claim, slot
from scheduler.sheets import free_time
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import AT
from tests.races.together import beside
from tests.tables import sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(8, 10)
MINE = "JOIN unnest(l.audiences, l.open_to) AS mine(audience, bits) USING (audience)"


@pytest.fixture
def meanwhile(dr_li):
    """Dana gives all of Dr Li's hours to the program; beside it Mallory, who still reads them as everyone's, claims."""

    def narrow():
        for hours in dr_li.working_hours.all():
            calendars.change_hours(hours, audience=CANCER_PROGRAM, by=Principal.system("tests"), at=AT)

    wanted = ClaimRequest(slot=slot(slot_id(dr_li, TEN)), allocation=uuid4(), audience=Audience.PATIENT)

    def claimed():
        try:
            return claim([wanted], at=AT)
        except SlotTaken as refusal:
            return refusal

    return lambda: beside(claimed, while_open=narrow)[1]


def test_hours_that_become_the_program_s_are_no_stranger_s_though_they_chose_them_before(meanwhile):
    assert isinstance(meanwhile(), NotOpenYet)
    assert not Claim.objects.exists()
    assert sheet_drift() == []


def test_twin_a_taking_that_asks_for_no_audience_gives_the_program_s_time_to_a_stranger(meanwhile, monkeypatch):
    for_anyone = free_time.TAKE.replace("o.bits & mine.bits", "o.bits").replace(MINE, "")
    for_anyone = for_anyone.replace("AND l.audiences IS NOT NULL", "")
    assert "mine" not in for_anyone
    monkeypatch.setattr(free_time, "TAKE", for_anyone)
    assert len(meanwhile()) == 1
    assert Claim.objects.exists()
