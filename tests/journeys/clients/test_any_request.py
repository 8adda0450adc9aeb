"""Whatever is sent to the running API, by whomever, it answers as its description says."""

import pytest

from booking.models import Patient
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.scheduler import make_site
from tests.journeys.clients.conftest import ROOT, TOOLS

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(1800)]


ELSEWHERE = "scheduler of another site"
EVERYBODY = [*Role.values, ELSEWHERE]


@pytest.fixture
def headers(service, clinic, token):
    """Return what somebody sends along; who has a record or a calendar by their role has Alice's or Dr Okoro's."""

    def sent_by(who: str) -> tuple[str, ...]:
        if who == Role.ANONYMOUS:
            return ()
        site = make_site("riverside") if who == ELSEWHERE else clinic
        user, key = token(Role.SCHEDULER if who == ELSEWHERE else Role(who), site)
        if who == Role.PATIENT:
            Patient.objects.update(user=user)
        elif who in {Role.PRACTITIONER, Role.CLINICIAN}:
            Practitioner.objects.filter(name="Grace Okoro").update(user=user)
        return ("-H", f"Authorization: Token {key}")

    return sent_by


@pytest.mark.parametrize("who", EVERYBODY)
def test_any_request_is_answered_as_the_description_says(service, headers, run, who, tmp_path):
    options = ("--checks", "all", "--continue-on-failure", "--suppress-health-check", "all", "--seed", "7")
    run(
        TOOLS / "schemathesis",
        *("--config-file", ROOT / "schemathesis.toml", "run", f"{service}/api/v1/schema/", "--max-examples", "3"),
        *options,
        *headers(who),
        cwd=tmp_path,
        timeout=1700,
    )
