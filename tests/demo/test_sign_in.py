"""Signing in at the demo: tokens for scripts, and the table that people read."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from core.models import User
from demo import people

NAMES = [
    "patient", "patient2", "relative", "scheduler", "scheduler2", "program", "practitioner", "clinician", "clinician2",
    "clinician3",
    "admin", "auditor", "client",
]  # fmt: skip


def said(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("name", NAMES)
def test_a_token_is_all_that_is_printed_and_opens_the_api(name):
    token = said("demo_token", name).strip()
    assert token.isalnum()
    answer = Client().get("/api/v1/me/", headers={"authorization": f"Token {token}"})
    assert answer.status_code == 200
    assert answer.json()["roles"]


@pytest.mark.usefixtures("clinic")
def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(CommandError, match="patient, patient2, relative") as refused:
        said("demo_token", "mallory")
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("clinic")
def test_a_token_is_refused_in_words_where_the_account_is_not_loaded():
    User.objects.filter(username="client").update(username="somebody")
    with pytest.raises(CommandError, match="load_demo"):
        said("demo_token", "client")


@pytest.mark.parametrize("command", [("demo_token", "client"), ("demo_sign_ins",), ("load_demo",)])
def test_there_are_no_demo_sign_ins_where_no_demo_is(command, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        said(*command)


def test_the_table_names_everybody_with_what_they_may_do_and_the_password():
    table = said("demo_sign_ins")
    assert people.PASSWORD in table
    assert sorted(told["key"] for told in people.accounts()) == sorted(NAMES)
    for told in people.accounts():
        line = next(row for row in table.splitlines() if row.split()[:1] == [told["key"]])
        assert told["name"] in line
        assert told["may"] in line
    desk, set_up = ({*table.partition(words)[2].partition(".")[0].split(", ")} for words in ("/desk/: ", "/admin/: "))
    assert set_up == {told["key"] for told in people.accounts() if told.get("staff")} > {"clinician", "scheduler"}
    assert desk == set_up | {"program", "auditor"}


@pytest.mark.usefixtures("clinic")
def test_a_scheduler_signs_in_to_the_staff_pages_with_the_printed_password():
    browser = Client()
    assert browser.login(username="scheduler", password=people.PASSWORD)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("name", ["scheduler", "practitioner", "clinician", "program", "auditor", "admin"])
def test_all_staff_sign_in_at_the_desk_with_the_printed_password(name):
    browser = Client()
    done = browser.post("/desk/sign-in/", {"username": name, "password": people.PASSWORD})
    assert browser.get(done["Location"], follow=True).status_code == 200


def doors(name, browser, token):
    """Return whether the password, the session opened before and the token made before open anything."""
    password = Client().login(username=name, password=people.PASSWORD)
    session = browser.get("/api/v1/me/").status_code == 200
    return (
        password,
        session,
        Client().get("/api/v1/me/", headers={"authorization": f"Token {token}"}).status_code == 200,
    )


@pytest.mark.usefixtures("clinic")
def test_with_the_demo_off_its_accounts_open_no_door_whatever_the_database_holds(settings):
    browser, token = Client(), said("demo_token", "scheduler").strip()
    assert browser.login(username="scheduler", password=people.PASSWORD)
    assert doors("scheduler", browser, token) == (True, True, True)
    settings.DEMO = False
    assert doors("scheduler", browser, token) == (False, False, False)


@pytest.mark.usefixtures("clinic")
def test_with_the_demo_off_its_password_opens_no_account_at_all(settings):
    settings.DEMO = False
    User.objects.update(is_demo=False)
    assert not Client().login(username="scheduler", password=people.PASSWORD)


@pytest.mark.usefixtures("clinic")
def test_without_the_mark_a_session_of_the_demo_would_go_on(settings):
    browser, token = Client(), said("demo_token", "scheduler").strip()
    browser.login(username="scheduler", password=people.PASSWORD)
    settings.DEMO = False
    User.objects.update(is_demo=False)
    assert doors("scheduler", browser, token) == (False, True, True)
