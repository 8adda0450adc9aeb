"""A running service with Alice's record, and the tokens of those who use its API."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from core.accounts import tokens
from core.models import Site, User
from core.roles import Role
from tests.factories.booking import make_patient, make_user

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TOOLS = Path(sys.executable).parent
"""Where the programs of this environment are."""


@pytest.fixture
def service(clinic, service_url):
    """The address of the service."""
    make_patient(clinic, "Alice Martin")
    return service_url


@pytest.fixture
def token(clinic):
    """Make somebody with a role at a site; return them and their token."""

    def made(role: Role, site: Site = clinic) -> tuple[User, str]:
        user = make_user(f"api-{role}", role, site=site)
        return user, tokens.make(user, name="walk")[0]

    return made


@pytest.fixture
def as_dana(service, token):
    """Return what a walk by Dana is told: where the service is, her token, and whom she books for."""
    return (service, token(Role.SCHEDULER)[1], "Martin")


@pytest.fixture
def description(db, tmp_path) -> Path:
    """The description of the API as a file."""
    file = tmp_path / "meridian.json"
    file.write_bytes(Client(headers={"Accept": "application/json"}).get("/api/v1/schema/").content)
    return file


@pytest.fixture
def run():
    """Run a program to its end; what it says is shown where it fails."""

    def ran(*words, timeout=600, **how) -> str:
        spoken = [str(word) for word in words]
        done = subprocess.run(spoken, capture_output=True, text=True, check=False, timeout=timeout, **how)
        assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
        return done.stdout

    return ran
