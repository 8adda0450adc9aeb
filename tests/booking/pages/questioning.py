"""What somebody does who is asked before booking: answers page for page, in few words."""

import re
from datetime import datetime
from typing import Any

from django.test import Client

from core.policies.actions import policies as actions
from core.principal import Principal
from tests.booking.pages.walk import ALICE, TIMES, slots_on, text_of
from tests.factories.policies import SOMEBODY, adopt_suitability
from tests.factories.scheduler import lay_out, offer

PACEMAKER = "pacemaker_icd_neurostimulator_pump"
FEVER, TREATED = "fever_now", "on_active_cancer_treatment"
BACK_PAIN = "new_back_pain_with_weakness_numbness_or_bladder_bowel_change"
THINNER, SWELLING = "anticoagulant", "lymphoedema_or_nodes_removed"
ASKED = re.compile(r'<input type="hidden" name="asked" value="([^"]+)"')
OUTCOME = "/book/acu_manual/outcome/?visit=first"
MOST_PAGES = 5


def publish_rules(content: dict[str, Any], *, at: datetime) -> None:
    """Put other rules in force for all sites; two people have approved them."""
    drafted = actions.draft("suitability", content, by=SOMEBODY, at=at)
    for name in ("one", "another"):
        actions.approve(drafted.pk, by=Principal.system(name), at=at)
    actions.publish(drafted.pk, by=SOMEBODY, at=at)


def open_asking_clinic() -> None:
    """Let the clinic ask what the shipped rules ask, and offer more than one therapy."""
    from scheduler.models import Practitioner  # noqa: PLC0415  (apps are ready only once a test runs)

    adopt_suitability()
    grace = Practitioner.objects.get(name="Grace Okoro")
    offer(grace, "acu_electro", "acupressure", "cup_dry", sites=[grace.offerings.first().site])
    lay_out(weeks=3)


def questions(therapy: str = "acu_manual", visit: str = "first") -> str:
    """Return the address of the questions about a therapy."""
    return f"/book/{therapy}/questions/?visit={visit}"


def asked_on(page) -> list[str]:
    """Return what is asked on a page."""
    return ASKED.findall(page.content.decode())


def answer(client: Client, address: str, **answers: str) -> str:
    """Answer a page: what is named, or "None of these"; return where it leads."""
    shown = asked_on(client.get(address))
    chosen = {key: one for key, one in answers.items() if key in shown}
    sent = client.post(address, {"asked": shown} | (chosen or {"none": "1"}))
    assert sent.status_code == 302, text_of(sent)
    return sent["Location"]


def to_be_checked(client: Client):
    """Choose the last time on the page, and say who comes; return the page that is checked."""
    client.post("/book/hold/", {"slot": slots_on(client.get(TIMES))[-1]})
    return client.get(client.post("/book/you/", ALICE)["Location"])


def begin(client: Client, therapy: str = "acu_manual", *, born: str = ALICE["birth_date"], visit: str = "first") -> str:
    """Say when one was born; return where the questions begin."""
    address = client.get(questions(therapy, visit))["Location"]
    if "birth-date" not in address:
        return address
    return client.post(address, {"birth_date": born})["Location"]


def answer_all(
    client: Client, therapy: str = "acu_manual", *, visit: str = "first", born: str = "", **answers: str
) -> str:
    """Answer page for page until something else comes; return where that is."""
    address = begin(client, therapy, visit=visit, born=born or ALICE["birth_date"])
    for _page in range(MOST_PAGES):
        if "/questions/" in address and "where" not in address:
            address = answer(client, address, **answers)
    return address
