"""What staff do to reach the pages of the desk that only a button leads to; each stops there with the page's name."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from playwright.sync_api import Page

from booking.models import Appointment
from booking.status import Status
from core import clock
from core.models import RoleAssignment, User
from core.roles import Role
from scheduler.models import FamilyBlock
from tests.factories.policies import LONG_AGO
from tests.journeys.people import follow, press, times

LONG_TABLE = "Name,Date of birth,E-mail\n" + "".join(
    f"Person {'abcdefghij'[n % 10]},19{40 + n // 10}-04-{1 + n % 28:02},person{n}@example.test\n" for n in range(360)
)
NEW_ACCOUNT = {"First and last name": "River Moss", "E-mail address": "river@example.test", "Username": "river"}


def signs_in(page: Page) -> Iterator[str]:
    """Open the desk before anybody has signed in."""
    page.context.clear_cookies()
    page.goto("/desk/sign-in/")
    yield "desk-sign-in"


def books_for_a_caller(page: Page) -> Iterator[str]:
    """Keep a time for somebody on the phone and book it."""
    page.goto("/desk/book/?find=alice+martin")
    page.locator("main a[accesskey=c], main button[accesskey=c]").first.click()
    times(page).first.click()
    page.wait_for_url("**/book/held/**")
    yield "desk-book-held"
    goes_on_until(page, "/book/booked/")
    yield "desk-book-done"


def goes_on_until(page: Page, there: str) -> None:
    """Answer that none of what is asked is so, if anything is, and go on, until a page is there."""
    while there not in page.url:
        none = page.get_by_role("button", name="None of these")
        with page.expect_navigation():
            (none if none.count() else page.locator("main button[accesskey=c]")).first.click()


def admits(page: Page) -> Iterator[str]:
    """Let somebody in who has no appointment."""
    page.goto("/desk/walk-in/?find=lena+kowalski")
    page.get_by_label("Date of birth", exact=True).fill("3/27/1961")
    page.locator("#id_phone").fill("312 555 0188")
    press(page, "Enter")
    times(page).first.click()
    page.wait_for_url("**/walk-in/held/**")
    yield "desk-walk-in-admit"
    goes_on_until(page, "/walk-in/booked/")
    yield "desk-walk-in-done"


def drafts(page: Page) -> Iterator[str]:
    """Draft another booking policy and look at it again."""
    page.goto("/desk/policies/")
    follow(page, "Make a new draft")
    press(page, "Save the draft")
    page.goto(page.url.partition("?")[0].rstrip("/") + "/change/")
    yield "desk-policy-change"


def imports(page: Page) -> Iterator[str]:
    """Bring along more patients than are taken over while somebody waits."""
    page.goto("/desk/import/patients/")
    page.locator("#id_file").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": LONG_TABLE.encode()})
    press(page, "Show what it would do")
    press(page, "Import ")
    yield "desk-import-run"


def adds_an_account(page: Page) -> Iterator[str]:
    """Add an account and open the link that is shown for its owner."""
    page.goto("/desk/setup/accounts/new/")
    for name, typed in NEW_ACCOUNT.items():
        page.get_by_label(name).fill(typed)
    page.get_by_label("Acts as").select_option("scheduler")
    press(page, "Add the account")
    page.goto(page.get_by_text("/desk/first-password/").first.inner_text())
    yield "desk-first-password"


def sets_up_everywhere(page: Page) -> Iterator[str]:
    """Begin to add a site, and to change what people read of a therapy, as whoever sets up every site."""
    everywhere = User.objects.get(username="admin")
    RoleAssignment.objects.create(user=everywhere, role=Role.ADMIN, site=None, starts_at=LONG_AGO)
    page.goto("/desk/setup/sites/new/")
    yield "desk-setup-site-new"
    page.goto("/desk/setup/therapies/acu_manual/")
    follow(page, "Change what people read")
    yield "desk-setup-therapy-texts"


def reads_questions_aloud(page: Page) -> Iterator[str]:
    """Keep a time for a caller without e-mail who has no time for the questions, and call them with these later."""
    page.goto("/desk/book/?find=mara+lind")
    page.get_by_label("Date of birth", exact=True).fill("5/2/1957")
    page.locator("#id_phone").fill("312 555 0189")
    press(page, "Enter")
    times(page).last.click()
    press(page, "Keep their time, and call them with the questions")
    page.get_by_label("Why this rule is set aside").fill("They can come at this time alone")
    press(page, "Book it all the same")
    asked = Appointment.objects.filter(patient__name__icontains="mara lind").get()
    page.goto(f"/desk/appointments/{asked.public_id}/")
    follow(page, "Read the questions aloud")
    yield "desk-questions-by-phone"


def opens_what_can_still_change(page: Page) -> Iterator[str]:
    """Open the length of an appointment that is still far off."""
    later = Appointment.objects.filter(
        status=Status.BOOKED, period__startswith__gt=clock.now() + timedelta(days=1), site__key="lakeside"
    )
    page.goto(f"/desk/appointments/{later.order_by('period').first().public_id}/length/")
    yield "desk-appointment-length"


def asks_who_is_late(page: Page) -> Iterator[str]:
    """Ask whom it touches that somebody is late, until it is somebody who can be treated for less."""
    page.goto("/desk/late/")
    for who in page.locator("#id_who option").evaluate_all("all => all.map(one => one.value)"):
        page.goto(f"/desk/late/?who={who}&minutes=20")
        if page.get_by_role("button", name="Shorten it").count():
            break
    yield "desk-late"


def edits_a_block(page: Page) -> Iterator[str]:
    """Open what changes and what ends family time."""
    block = FamilyBlock.objects.order_by("pk").first()
    for name in ("change", "end"):
        page.goto(f"/desk/families/blocks/{block.public_id}/{name}/")
        yield f"desk-block-{name}"


PRESSES: tuple[tuple[str, Callable[[Page], Iterator[str]]], ...] = (
    ("scheduler", books_for_a_caller),
    ("scheduler", admits),
    ("scheduler", reads_questions_aloud),
    ("scheduler", opens_what_can_still_change),
    ("scheduler", asks_who_is_late),
    ("program", edits_a_block),
    ("admin", drafts),
    ("admin", imports),
    ("admin", adds_an_account),
    ("admin", sets_up_everywhere),
    ("", signs_in),
)
"""Who presses, and what; nobody has signed in at the end."""
