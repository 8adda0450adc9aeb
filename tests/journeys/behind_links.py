"""The pages behind a mailed link, a code or a family, and those that say no: each opened as people come to it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page

from booking.actions import appointments, holds, links
from booking.actions.patients import address_verification
from booking.actions.waiting import answering, list_entries
from booking.errors import LimitReached
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.limit_kinds import LimitKind
from booking.models import Appointment, FamilyLink, Proof
from booking.queries import mail_of
from booking.status import Move
from booking.suitability.content import Disposition
from core import clock
from core.refusals import Busy, Refusal
from tests.booking.pages.walk import book, slots_on
from tests.factories.booking import SYSTEM, make_patient, make_visit
from tests.factories.policies import adopt_suitability
from tests.journeys.patient_walks import BORN, her_link
from tests.journeys.people import TIMES, choose, follow, press, times
from tests.journeys.test_suitability import NONE, says
from tests.journeys.test_waiting_list_in_the_browser import free_times, offered, waits

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
CLOT = "A blood clot in a leg or arm now"
WRONG_CODE = "000 000"


def types_who(page: Page, name: str, email: str, born: str = "3/27/1961") -> None:
    """Let somebody type who they are."""
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Date of birth").fill(born)
    press(page, "Continue")


def shows_who(page: Page, address: str, born: str = BORN) -> None:
    """Open a page behind a link, with the birth date where it is asked."""
    page.goto(address)
    if page.get_by_label("Date of birth").count():
        page.get_by_label("Date of birth").fill(born)
        with page.expect_navigation():
            page.locator("main form button").first.click()


def of_codes(page: Page, _clinic) -> Iterator[str]:
    """Let Alice book a second time, which waits for a mailed code; let her mistype her birth date too often."""
    client = Client()
    book(client, slot=slots_on(client.get(TIMES))[8])
    page.goto(TIMES)
    choose(page, times(page).count() - 1)
    types_who(page, "Alice Adams", "alice@example.test")
    press(page, "Book this appointment")
    yield "a code is asked"
    page.locator("#id_code").fill(WRONG_CODE)
    press(page, "Book this appointment")
    yield "a code is wrong"
    proof = Proof.objects.get()
    page.goto(f"/m/{links.issue(proof.appointment, at=clock.now())}/")
    yield "confirm by the mail's button"
    page.goto("/book/code/")
    page.locator("#id_code").fill(address_verification.code_of(proof.appointment.public_id, proof.issue))
    press(page, "Book this appointment")
    yield "booked with a code"
    page.context.clear_cookies()
    yield from of_her_own_code(page)


def of_her_own_code(page: Page) -> Iterator[str]:
    """Let Alice mistype her birth date too often, and go on with a code."""
    token = links.issue(Appointment.objects.earliest("pk"), at=clock.now())
    visit = f"/m/{links.mailed_token(token)}/"
    for day in range(1, 7):
        page.goto(f"{visit}mine/")
        if not page.get_by_label("Date of birth").count():
            break
        page.get_by_label("Date of birth").fill(f"1/{day}/1950")
        press(page, "Go on")
    yield "a birth date was wrong too often"
    follow(page, "Go on with a code")
    yield "a code can be sent"
    press(page, "Send me a code")
    yield "a code was sent"
    page.locator("#id_code").fill(WRONG_CODE)
    press(page, "Go on")
    yield "her own code is wrong"


def of_her_mail(link: FamilyLink) -> str:
    """Return the page of a patient's family that a mail leads to, as of one who has no appointment."""
    token = codes.token_of(link.public_id, LinkPurpose.PATIENT, address=mail_of(link.patient))
    FamilyLink.objects.update(patient_digest=codes.token_digest(token))
    return f"/family/patient/{token}/"


def of_families(page: Page, clinic) -> Iterator[str]:
    """Let Alice invite Ben, he use her code and book beside her, each on the pages that a mail leads to as well."""
    link = her_link(clinic)
    page.goto(f"{link}family/")
    yield "her family asks for her birth date"
    shows_who(page, f"{link}family/")
    press(page, "Make a code")
    yield "make a code, with errors"
    page.get_by_label("Who is it?").select_option("SPS")
    press(page, "Make a code")
    yield "a code was made"
    code = CODE.search(page.inner_text("main"))[0]
    page.goto("/family/")
    press(page, "Continue")
    yield "the code, with errors"
    page.get_by_label("Your code").fill(code)
    press(page, "Continue")
    yield "who Ben is"
    press(page, "Continue")
    yield "who Ben is, with errors"
    types_who(page, "Ben Adams", "ben@example.test", "2/3/1968")
    yield "Ben waits"
    made = FamilyLink.objects.get()
    page.context.clear_cookies()
    page.goto(of_her_mail(made))
    yield "she is asked by mail"
    shows_who(page, page.url)
    yield "she confirms by mail"
    press(page, "Yes, I know them: confirm")
    yield "she has confirmed"
    yield from beside_her(page, link, made)


def beside_her(page: Page, link: str, made: FamilyLink) -> Iterator[str]:
    """Let Alice offer her time, and Ben see what is free then, by the link that was mailed to him."""
    shows_who(page, f"{link}family/")
    press(page, "Let them come at the same time")
    yield "her time is offered"
    page.goto(f"{link}together/")
    yield "her time, together"
    page.goto(f"/family/{codes.token_of(made.public_id, LinkPurpose.WAY_BACK)}/")
    yield "Ben comes back by mail"
    with page.expect_navigation():
        page.locator("main form button").first.click()
    yield "time for Ben"
    follow(page, "See what is free then")
    yield "times beside her"
    page.goto("/family/nonsense/")
    yield "a link of families that is unknown"


def of_waiting(page: Page, clinic) -> Iterator[str]:
    """Let Sue be asked health questions first, be offered an earlier time, lose it to somebody else, and leave."""
    free = free_times(clinic)
    later = make_visit(make_patient(clinic, "Sue Later"), free[-1].id)
    link = f"/m/{links.issue(later, at=clock.now())}/"
    page.goto(f"{link}earlier/")
    yield "tell me when an earlier time opens"
    entry, other = waits(clinic, "", later=later), waits(clinic, "Ann One")
    page.goto(f"{link}earlier/")
    yield "an earlier time is looked for"
    here = f"/waiting/{list_entries.token_for(entry)}/"
    page.goto(here)
    yield "she waits"
    adopt_suitability()
    page.goto(here)
    yield "she waits, and is to answer"
    page.goto(f"{here}questions/")
    yield "what she is asked"
    for one in (entry, other):
        page.goto(f"/waiting/{list_entries.token_for(one)}/questions/")
        while page.get_by_role("button", name=NONE).count():
            press(page, NONE)
            yield f"{one.patient.name} goes on"
    offered(free[8], entry, other)
    page.goto(here)
    yield "a time is offered"
    answering.accept(other.offers.get().pk, at=clock.now())
    press(page, "Move my appointment there")
    yield "somebody was quicker"
    page.goto(here)
    yield "afterwards"
    press(page, "Take me off the list")
    yield "off the list"
    page.goto("/waiting/nonsense/")
    yield "an unknown place on the list"
    yield from of_help_and_asking(page)


def of_help_and_asking(page: Page) -> Iterator[str]:
    """Let somebody be asked what suits them, and ask to be told without an appointment."""
    page.goto("/book/help/")
    follow(page, "Yes, my first")
    yield "questions of what suits them"
    page.goto("/book/acu_manual/waiting/?visit=first")
    while page.get_by_role("button", name=NONE).count():
        if page.get_by_label("Date of birth").count():
            page.get_by_label("Date of birth").fill("3/27/1961")
        press(page, NONE)
    page.goto("/book/acu_manual/waiting/?visit=first")
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    if page.get_by_label("Date of birth").count():
        page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Put me on the list")
    yield "asked to be told"


def of_answers(page: Page, clinic) -> Iterator[str]:
    """Let Alice answer before she comes, put an answer right, see what suits her better, and see somebody else."""
    yield from with_somebody_else(page, clinic)
    booked = make_visit(make_patient(clinic, "Alice Adams"), free_times(clinic)[0].id)
    visit = f"/m/{links.issue(booked, at=clock.now())}/"
    adopt_suitability()
    page.goto(visit)
    yield "questions before she comes"
    page.goto(f"{visit}questions/")
    yield "the first questions before she comes"
    while page.get_by_role("button", name=NONE).count():
        if page.get_by_role("group", name=CLOT).count():
            says(page, CLOT)
            page.get_by_label("Left leg").check()
            yield "a clot"
            press(page, "Continue")
        else:
            press(page, NONE)
        yield "the next questions before she comes"
    page.goto(f"{visit}questions/change/")
    yield "answers that changed"
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    yield "answers that changed, with errors"
    Appointment.objects.update(suitability=Disposition.BLOCK_SELF_BOOKING)  # as of a therapy that a clot rules out
    page.goto(f"{visit}instead/")
    yield "what suits her better asks for her birth date"
    shows_who(page, f"{visit}instead/")
    yield "what suits her better"


def with_somebody_else(page: Page, clinic) -> Iterator[str]:
    """Let the clinic put in somebody else, and Alice say that she would rather not."""
    free = free_times(clinic)
    moved = make_visit(make_patient(clinic, "Sue Later"), free[0].id)
    slot = next(one for one in free if one.practitioner.id != free[0].practitioner.id)
    appointments.move(moved.public_id, Move.RESCHEDULE, by=SYSTEM, at=clock.now(), slot=slot)
    link = f"/m/{links.issue(moved, at=clock.now())}/"
    page.goto(link)
    yield "somebody else treats her"
    page.goto(f"{link}practitioner/")
    yield "would she rather not"
    if page.get_by_role("button", name="I would rather see somebody else").count():
        press(page, "I would rather see somebody else")
        yield "she would rather not"


@contextmanager
def refused(no: Refusal) -> Iterator[None]:
    """Refuse every time that is chosen meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holds, "choose", partial(_refuse, no))
        yield


def _refuse(no: Refusal, *_args: object, **_named: object) -> None:
    raise no


def of_refusals(page: Page, clinic) -> Iterator[str]:
    """Let whatever can be refused be refused: what is gone, taken, too often, too old, unknown, busy."""
    page.goto("/nowhere/")
    yield "404"
    page.goto(f"/book/you/?answer={uuid4()}")
    yield "410"
    page.goto(TIMES)
    Client().post("/book/hold/", {"slot": times(page).first.get_attribute("value")})
    choose(page, 0)
    yield "409"
    for name, refusal in {
        "429": LimitReached("", whose=LimitKind.SESSION, digest="", site_id=clinic.pk, wait=60),
        "503": Busy(),
    }.items():
        with refused(refusal):
            page.goto(TIMES)
            choose(page, 3)
            yield name
    page.goto(TIMES)
    page.context.clear_cookies()
    choose(page, 3)
    yield "403"


def of_times_that_are_kept(page: Page, _clinic) -> Iterator[str]:
    """Let Ben see which times are kept for him, book one, and go back to the page on which he did."""
    page.goto(TIMES)
    choose(page, 8)
    types_who(page, "Ben Ode", "ben@example.test")
    page.goto("/book/held/")
    yield "times that are kept"
    page.goto("/book/check/")
    press(page, "Book this appointment")
    page.goto("/book/check/")
    yield "this is booked"


BEHIND = {
    "kept": of_times_that_are_kept,
    "codes": of_codes,
    "families": of_families,
    "waiting": of_waiting,
    "answers": of_answers,
    "refusals": of_refusals,
}
