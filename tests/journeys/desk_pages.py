"""What staff do at the desk on the way through its pages."""

from collections.abc import Iterator

from playwright.sync_api import Page

from core.models import Policy, RoleAssignment, Site, User
from core.roles import Role
from tests.factories.policies import LONG_AGO
from tests.journeys.people import follow, press

PASSWORD = "correct horse battery"  # pragma: allowlist secret


def employ(name: str, *roles: Role) -> None:
    """Let somebody work at Lakeside."""
    user = User.objects.create_user(name, password=PASSWORD, first_name=name.title(), last_name="Wolfeschlegelstein")
    for role in roles:
        RoleAssignment.objects.create(user=user, role=role, site=Site.objects.get(key="lakeside"), starts_at=LONG_AGO)


def signs_in(page: Page, name: str) -> None:
    """Sign in at the desk by keyboard."""
    page.goto("/desk/")
    page.get_by_label("Username").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def unfold_tabs(page: Page) -> None:
    """Open the list of pages where it is folded, as it is on a phone."""
    folded = page.locator("nav[aria-label=Desk] summary")
    if folded.is_visible() and not page.locator("nav[aria-label=Desk] details[open]").count():
        folded.click()


def walks_the_desk(page: Page) -> Iterator[str]:
    """Let Ada open every page of the desk that she has, draft a policy and publish it; stop on each with its name."""
    page.goto("/desk/")
    yield "sign in"
    press(page, "Sign in")
    yield "sign in with errors"
    signs_in(page, "ada")
    unfold_tabs(page)
    for tab in [one for one in page.locator("nav[aria-label=Desk] a").all_inner_texts() if one]:
        unfold_tabs(page)
        follow(page, tab)
        yield tab
    page.goto("/desk/account/")
    yield "account"
    page.goto("/desk/nowhere/")
    yield "not found"
    page.goto(f"/desk/policies/{Policy.objects.get(key='reminder-plan').pk}/change/")
    yield "not theirs"
    yield from drafts(page)


def drafts(page: Page) -> Iterator[str]:
    """Let Ada draft another booking policy, look at what it changes and publish it."""
    page.goto("/desk/policies/")
    follow(page, "Make a new draft")
    yield "draft"
    text = page.get_by_label("What it says, as YAML")
    content = text.input_value()
    text.fill(content.replace("max_per_week: 2", "max_per_week: two"))
    press(page, "Save the draft")
    yield "draft with errors"
    page.get_by_label("What it says, as YAML").fill(content.replace("max_per_week: 2", "max_per_week: 3"))
    press(page, "Save the draft")
    yield "what it changes"
    page.get_by_label("From this day on").fill("never")
    press(page, "See what changes from then on")
    yield "what it changes, with errors"
    page.get_by_label("From this day on").fill("1/4/2031")
    press(page, "See what changes from then on")
    press(page, "Publish: in force from Saturday, January 4, 2031")
    yield "published"
    press(page, "Take it back")
    yield "taken back without a tick"
    page.get_by_label("It is to be taken back").check()
    press(page, "Take it back")
    yield "taken back"
    page.goto("/desk/policies/")
    page.locator("main summary").first.click()
    yield "list"
