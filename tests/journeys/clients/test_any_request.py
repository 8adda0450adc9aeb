"""Whatever is sent to the running API, by whomever, it answers as its description says."""

import pytest

from core.roles import Role
from tests.journeys.clients.conftest import ROOT, TOOLS

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("role", [None, Role.PATIENT, Role.SCHEDULER, Role.ADMIN])
def test_any_request_is_answered_as_the_description_says(service, token, run, role, tmp_path):
    signed_in = ("-H", f"Authorization: Token {token(role)}") if role else ()
    options = ("--checks", "all", "--continue-on-failure", "--suppress-health-check", "all", "--seed", "7")
    run(
        TOOLS / "schemathesis",
        *("--config-file", ROOT / "schemathesis.toml", "run", f"{service}/api/v1/schema/", "--max-examples", "3"),
        *options,
        *signed_in,
        cwd=tmp_path,
        timeout=1700,
    )
