"""Alice and Ben are linked, and each has an appointment: over every door neither learns anything of the other's.

The doors are walked, not listed: every page and every address of the API that one of them can open, and every mail.
"""

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from booking.actions import family_links, links
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.models import Appointment, FamilyLink
from core.models import Site
from core.roles import Role
from scheduler.models import Practitioner
from tests.api.conftest import client_of
from tests.api.routes import OPERATIONS, kind_of
from tests.booking.pages.walk import text_of
from tests.factories.booking import SYSTEM, chicago, make_enrolled, make_person, make_staff, make_visit, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

PAGES = ("book/", "m/", "family/", "lost-link/")


@dataclass(frozen=True)
class Linked:
    """One side of the link: who they are, their visit, and what the other must never be shown."""

    who: object
    visit: Appointment
    token: str
    name: str

    @property
    def secrets(self) -> set[str]:
        """What tells of their visit: ids, reference, link, who treats them."""
        visit = self.visit
        return {
            str(visit.public_id),
            visit.reference,
            self.token,
            str(visit.patient.reference),
            str(visit.patient.public_id),
            visit.practitioner.name,
        }


@pytest.fixture
def pair(clinic, clock, mailoutbox):
    """Return Alice with a visit at Grace Okoro's, and Ben with one at Boris Ivanov's; all mails are sent."""
    site = Site.objects.get()
    alice, ben = make_enrolled(site, "Alice Adams"), make_person(site, "Ben Benson")
    link = invited(alice.record, mail_to="invited@example.test")
    family_links.claim(link, own=ben.record, by=ben.principal, at=AT)
    run(AT)
    family_links.confirm(link, by=alice.principal, at=AT)
    sides = []
    for person, treats, hour in ((alice, "Grace Okoro", 10), (ben, "Boris Ivanov", 14)):
        practitioner = Practitioner.objects.get(name=treats)
        visit = make_visit(person.record, slot_id(practitioner, chicago(12, hour)))
        token = links.issue(visit, at=AT)
        sides.append(Linked(person, visit, token, person.record.name))
    run(AT)
    return sides


def pages():
    """Yield the addresses of all pages for patients that need nothing but a mail's link in them."""
    for entry in get_resolver().url_patterns:
        inner = entry.url_patterns if isinstance(entry, URLResolver) and str(entry.pattern) == "" else [entry]
        for one in inner:
            route = str(one.pattern)
            ours = route == "" or route.startswith(PAGES)
            if isinstance(one, URLPattern) and one.name and ours and not re.search("<(uuid|int|slug)", route):
                yield one


def opened_pages(mine):
    """Return what every page shows to one side: by the session of a family link, or by a mail's link of theirs."""
    browser = Client()
    if mine.visit.patient.relative_links.exists():
        link = FamilyLink.objects.get()
        browser.post(reverse("family-mailed", args=[codes.token_of(link.public_id, LinkPurpose.WAY_BACK)]))
    found = {}
    for page in pages():
        kwargs = {"token": mine.token} if "<str:token>" in str(page.pattern) else {}
        address = reverse(page.name, kwargs=kwargs)
        shown = browser.get(address).content.decode(errors="replace")
        if page.name == "manage-family":
            born = f"{mine.visit.patient.birth_date:%m/%d/%Y}"
            shown += browser.post(address, {"birth_date": born}).content.decode()
        found[address] = shown
    return found


def opened_api(mine, theirs):
    """Return what every address of the API answers one side who asks for the other's things."""
    client, found = client_of(mine.who.user), {}
    named = {
        "appointment": theirs.visit.public_id,
        "patient": theirs.visit.patient.public_id,
        "hold": uuid4(),
        "family_link": FamilyLink.objects.get().public_id,
    }
    for method, route, _cls in OPERATIONS:
        if method != "GET" or ("<" in route and kind_of(route) not in named) or route.endswith(("schema/", "docs/")):
            continue
        thing = str(named.get(kind_of(route), ""))
        path = "/" + route.replace("<uuid:id>", thing).replace("<str:id>", thing)
        answer = client.get(path)
        answer.render() if hasattr(answer, "render") else None
        found[f"{method} {path}"] = answer.content.decode(errors="replace").replace(path, "")
    return found


def mails_to(person, mailoutbox):
    address = person.visit.patient.contacts.get().value
    return {
        f"mail {number}": "\n".join([mail.subject, mail.body, *(str(text) for text, _kind in mail.alternatives)])
        for number, mail in enumerate(mailoutbox)
        if address in mail.to
    }


def leaks(shown, theirs, *, also=()):
    """Return where something of the other side stands in what one side was shown."""
    return [(where, one) for where, text in shown.items() for one in theirs.secrets | set(also) if one in text]


FOR_EVERYBODY = ("/book", "GET /api/v1/practitioners", "GET /api/v1/offerings", "GET /api/v1/slots")
"""There all who treat are named, whoever asks: that tells nothing of anybody's visit."""


def of_visits(shown):
    mine = {where: text for where, text in shown.items() if not where.startswith(FOR_EVERYBODY)}
    return {where: text for where, text in mine.items() if not where.endswith("/move/")}


def test_there_are_doors_to_walk(pair):
    assert len(list(pages())) > 20
    assert len(opened_api(*pair)) > 15


@pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])
def test_no_page_shows_one_side_anything_of_the_other(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    shown = opened_pages(mine)
    own_page = {where: text for where, text in shown.items() if where.endswith("/family/") and where.startswith("/m/")}
    assert leaks(of_visits(shown), theirs) == []
    others = {where: text for where, text in shown.items() if where not in own_page}
    # Only the page on which she confirms him says who he is; none says who she is.
    assert leaks(others, theirs, also=[theirs.name, theirs.name.split()[0]]) == leaks(others, theirs)


@pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])
def test_no_address_of_the_api_does(pair, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    shown = of_visits(opened_api(mine, theirs))
    assert leaks(shown, theirs) == []


@pytest.mark.parametrize("swapped", [False, True], ids=["she of him", "he of her"])
def test_no_mail_does_nor_names_the_other(pair, mailoutbox, swapped):
    mine, theirs = reversed(pair) if swapped else pair
    shown = mails_to(mine, mailoutbox)
    assert len(shown) >= 2  # of the visit, and of the link
    assert leaks(shown, theirs, also=theirs.name.split()) == []
    invitation = {"": "\n".join(str(mail.message()) for mail in mailoutbox if "invited@example.test" in mail.to)}
    assert leaks(invitation, theirs, also=theirs.name.split()) == []


def test_staff_see_the_link(pair):
    site = Site.objects.get()
    browser = Client()
    browser.force_login(make_staff("frank", Role.PROGRAM, site=site).user)
    shown = text_of(browser.get("/desk/families/links/"))
    assert "Alice Adams" in shown
    assert "Ben Benson" in shown


def test_twin_a_leak_put_in_on_purpose_is_found(pair, mailoutbox, monkeypatch):
    """A greeting with the other's name, a page that says whose family it is, an answer with a visit's reference."""
    alice, ben = pair
    monkeypatch.setattr("booking.web.family_views.date_in_words", lambda _day: alice.visit.reference)
    monkeypatch.setattr("booking.api.family_json.FamilyLinkSerializer.get_relative", lambda *_: ben.visit.reference)
    monkeypatch.setattr("booking.actions.family_news.greeting_name", lambda _name: alice.name)
    assert leaks(of_visits(opened_pages(ben)), alice)
    assert leaks(of_visits(opened_api(alice, ben)), ben)
    mailoutbox.clear()
    family_links.revoke(FamilyLink.objects.get(), by=SYSTEM, at=AT)
    run(AT)
    assert leaks(mails_to(ben, mailoutbox), alice, also=alice.name.split())
