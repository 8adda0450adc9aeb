"""A replay that cannot begin says why."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError


def replay(base_url, *, requests):
    out = io.StringIO()
    call_command("replay_demand", requests=requests, clients=4, base_url=base_url, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.usefixtures("clinic")
def test_a_service_that_is_not_there_is_said_in_a_sentence():
    with pytest.raises(CommandError, match=r"Nobody answers at http://127\.0\.0\.1:9: start the service"):
        replay("http://127.0.0.1:9", requests=1)


@pytest.mark.usefixtures("clinic")
def test_so_does_a_race_for_one_time():
    with pytest.raises(CommandError, match=r"Nobody answers at http://127\.0\.0\.1:9: start the service"):
        call_command("bench", "race", clients=2, base_url="http://127.0.0.1:9")
