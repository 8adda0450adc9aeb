"""What a browser sends is answered by an address: Back, Forward and reload show the answer, and send nothing again."""

import re
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern

from booking.web import urls as booking_urls
from booking.web.desk import urls as desk_urls
from core.http import posted_pages
from core.models import PostedPage, RoleAssignment
from core.roles import Role
from notifications.web import urls as notifications_urls
from tests.booking.pages.drafting import staff
from tests.booking.pages.questioning import FEVER, asked_on, questions
from tests.booking.pages.walk import text_of

pytestmark = pytest.mark.usefixtures("asking_once")
BROWSES = {"accept": "text/html,application/xhtml+xml"}
MASK = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
BORN_BADLY = {"birth_date": "3/27/61", FEVER: "not_sure"}
ENDED = "This page has ended"


@pytest.fixture
def browser(site) -> Client:
    """Return Alice's browser, which says that it opens pages."""
    return Client(headers=BROWSES)


def first_page(browser) -> str:
    return browser.get(questions())["Location"]


def sent(browser, address: str, **typed: str):
    """Send a page of questions as it stands, and what is typed."""
    return browser.post(address, {"asked": asked_on(browser.get(address))} | typed)


def answered_badly(browser) -> str:
    """Answer the first page with a date that is none, and return the address of what the browser is told."""
    answer = sent(browser, first_page(browser), **BORN_BADLY)
    assert (answer.status_code, answer.content) == (303, b"")
    return answer["Location"]


def read(page) -> str:
    return MASK.sub("", page.content.decode())


def test_an_answer_stands_at_its_address_as_a_program_would_get_it_at_once(browser):
    address = first_page(browser)
    at_once = Client().post(address, {"asked": asked_on(browser.get(address))} | BORN_BADLY)
    where = answered_badly(browser)
    for _time in range(2):
        shown = browser.get(where)
        assert (shown.status_code, read(shown)) == (422, read(at_once))
        assert "no-store" in shown["Cache-Control"]
    assert "3/27/61" not in PostedPage.objects.get().page


def test_a_script_reads_its_answer_at_once(browser):
    address = first_page(browser)
    by_script = browser.post(address, BORN_BADLY, headers={"sec-fetch-mode": "cors"})
    assert (by_script.status_code, PostedPage.objects.count()) == (422, 0)


def test_once_it_has_gone_well_the_page_stands_there_as_it_is_now(browser):
    where = answered_badly(browser)
    sent(browser, where, birth_date="3/27/1961", **{FEVER: "no"})
    now = browser.get(where)
    assert now.status_code == 200
    assert "There is a problem" not in text_of(now)
    assert 'value="3/27/1961"' in now.content.decode()


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda browser, _clock: browser.post("/book/leave/"), id="she forgets what she typed"),
        pytest.param(lambda _browser, clock: clock.shift(timedelta(minutes=15)), id="a quarter of an hour later"),
        pytest.param(lambda browser, _clock: browser.cookies.clear(), id="another browser"),
    ],
)
def test_nobody_reads_the_last_persons_answers(browser, clock, ends):
    where = answered_badly(browser)
    ends(browser, clock)
    ended = browser.get(where)
    assert (ended.status_code, ENDED in text_of(ended)) == (410, True)
    assert "3/27/61" not in ended.content.decode()


def test_an_answer_that_never_was_is_said_to_have_ended(browser):
    ended = browser.get("/book/hold/", {"answer": "00000000-0000-4000-8000-000000000000"})
    assert (ended.status_code, ENDED in text_of(ended)) == (410, True)


def read_by_another(where: str):
    return Client(headers=BROWSES).get(where)


def test_twin_without_the_secret_of_its_session_another_browser_reads_the_page(browser, monkeypatch):
    monkeypatch.setattr(posted_pages, "_own", lambda _request: "")
    monkeypatch.setattr(posted_pages, "_owners", lambda _request: {""})
    assert read_by_another(answered_badly(browser)).status_code == 422


LOST = {"email": "alice@example.test", "birth_date": "3/27/61"}


def asked_at_an_open_address() -> tuple[Client, str]:
    """Ask for a lost link, in a browser that has been nowhere yet; return it, and where the answer stands."""
    hers = Client(headers=BROWSES)
    return hers, hers.post("/lost-link/", LOST)["Location"]


def test_at_an_open_address_too_an_answer_is_for_the_browser_alone_that_sent_it(site):
    hers, where = asked_at_an_open_address()
    assert "3/27/61" in hers.get(where).content.decode()
    assert read_by_another(where).status_code == 410


def test_nobody_elses_success_takes_an_answer_away(site):
    hers, where = asked_at_an_open_address()
    assert Client(headers=BROWSES).post("/lost-link/", LOST | {"birth_date": "3/27/1961"}).status_code == 302
    assert "3/27/61" in hers.get(where).content.decode()


@pytest.fixture
def dana(site) -> Client:
    """Return the browser of a scheduler."""
    client = staff("dana", Role.SCHEDULER, site)
    client.defaults["HTTP_ACCEPT"] = BROWSES["accept"]
    return client


def without_her_role(dana):
    """Let Dana enter somebody badly, and lose her role; return what stands where she was answered."""
    where = dana.post("/desk/book/", {"find": "Lena", "name": "Lena Kowalski", "birth_date": "3/27/61"})["Location"]
    assert "Lena Kowalski" in dana.get(where).content.decode()
    RoleAssignment.objects.all().delete()
    return dana.get(where)


def test_whose_role_has_ended_reads_no_more_what_it_showed(dana):
    ended = without_her_role(dana)
    assert (ended.status_code, "Lena" in ended.content.decode()) == (410, False)


def test_twin_whose_role_is_not_asked_reads_it_on(dana, monkeypatch):
    monkeypatch.setattr(posted_pages, "_reader", lambda _request: [])
    assert "Lena Kowalski" in without_her_role(dana).content.decode()


ADDRESSES = [*booking_urls.urlpatterns, *desk_urls.urlpatterns, *notifications_urls.urlpatterns]
TAKES_NOTHING, LEADS_ON = 405, 302


def only_opens(view) -> bool:
    """Whether nothing can be sent to a page, or it leads on whatever is sent."""
    return view(RequestFactory().post("/")).status_code in {TAKES_NOTHING, LEADS_ON}


def test_every_page_to_which_something_is_sent_answers_by_an_address():
    pages = {one.name: one.callback for one in ADDRESSES if isinstance(one, URLPattern) and one.name != "desk-sign-out"}
    marked = {name for name, view in pages.items() if getattr(view, "answers_by_redirect", False)}
    assert not [name for name, view in pages.items() if name not in marked and not only_opens(view)]
