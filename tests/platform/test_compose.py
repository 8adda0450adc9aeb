"""The containers are what was tested: the same packages, the same web server, the same roles."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from local import bootstrap
from local.services import machine
from local.services.data_folder import ROOT
from local.services.postgres import SETTINGS

OURS = ("web", "worker", "beat", "migrate")
GIVEN = {
    "SECRET_KEY": "s", "DATABASE_OWNER_PASSWORD": "o", "DATABASE_APP_PASSWORD": "a", "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "r", "EMAIL_URL": "smtp://mail.example.org:25", "PUBLIC_URL": "https://appointments.example.org",
    "ALLOWED_HOSTS": "appointments.example.org", "PROXY_SITE": "appointments.example.org",
    "MAIL_FROM": "Appointments <a@example.org>", "CLINIC_NAME": "Appointments", "CLINIC_PHONE": "(312) 555-0100",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def parsed(environment) -> subprocess.CompletedProcess[str]:
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("docker-compose is not installed: its parser did not read docker-compose.yml")
    full = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run([command, "config"], cwd=ROOT, env=full, capture_output=True, text=True, check=False)


def test_the_compose_parser_accepts_the_file():
    done = parsed(GIVEN)
    assert done.returncode == 0, done.stderr
    assert set(OURS) <= set(yaml.safe_load(done.stdout)["services"])


@pytest.mark.parametrize("missing", GIVEN)
def test_wherever_a_setting_is_used_the_parser_is_told_to_name_it_when_it_is_missing(missing):
    text = (ROOT / "docker-compose.yml").read_text()
    used = re.findall(rf"(?<!\$)\$\{{?{missing}\b(.{{2}})", text)
    assert used
    assert set(used) == {":?"}


ONE, *OTHERS = GIVEN


@pytest.mark.parametrize("missing", [ONE, *(pytest.param(name, marks=pytest.mark.full) for name in OTHERS)])
def test_a_missing_setting_is_named_before_anything_starts(missing):
    done = parsed({k: v for k, v in GIVEN.items() if k != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_every_setting_comes_from_the_environment(compose):
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "config/settings.py").read_text()))
    assert len(read) > 10
    in_the_image, of_one_machine = {"MERIDIAN_STATIC"}, {"MERIDIAN_DATA_FOLDER"}
    assert read - in_the_image - of_one_machine <= set(compose["services"]["web"]["environment"])


def test_what_has_to_be_set_stands_in_the_example():
    example = (ROOT / "deploy/README.md").read_text()
    assert [name for name in GIVEN if f"\n{name}=" not in example] == []


def test_every_part_is_there_and_tells_its_health(compose, dockerfile):
    services = compose["services"]
    assert set(services) == {*OURS, "proxy", "database", "queue"}
    assert "HEALTHCHECK" in dockerfile
    assert all("healthcheck" in services[name] for name in set(services) - {"web"})


def test_only_what_migrates_knows_the_owner_of_the_database(compose):
    for name in ("web", "worker", "beat"):
        said = str(compose["services"][name]["environment"])
        assert "meridian_app:" in said
        assert not [secret for secret in ("OWNER", "POSTGRES_PASSWORD", "meridian_owner") if secret in said]
    assert "meridian_owner:" in compose["services"]["migrate"]["environment"]["DATABASE_URL"]


def test_no_container_of_ours_runs_as_root(compose, dockerfile):
    assert "\nUSER meridian\n" in dockerfile
    assert not [name for name in OURS if "user" in compose["services"][name]]


def test_web_and_worker_can_be_many(compose):
    for name in ("web", "worker"):
        assert "ports" not in compose["services"][name]
        assert "container_name" not in compose["services"][name]


def test_the_service_starts_after_the_migrations_and_these_after_the_database(compose):
    for name in ("web", "worker", "beat"):
        assert compose["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert compose["services"]["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_service_signs_in_as_app_and_the_migrations_as_owner(compose):
    urls = {name: compose["services"][name]["environment"]["DATABASE_URL"] for name in OURS}
    assert urls.pop("migrate").startswith("postgres://meridian_owner:")
    assert all(url.startswith("postgres://meridian_app:") for url in urls.values())


def test_no_secret_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    named = re.findall(r"^\s+\w*(?:PASSWORD|SECRET)\w*: (\S+)", text, re.MULTILINE)
    assert named
    assert all(value.startswith("${") and (":?" in value or value.endswith(":-}")) for value in named)


def test_the_queue_forgets_nothing(compose):
    command = " ".join(compose["services"]["queue"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_what_is_mounted_exists(compose):
    mounts = [v for s in compose["services"].values() for v in s.get("volumes", ()) if v.startswith("./")]
    assert mounts
    assert all((ROOT / mount.split(":")[0]).is_file() for mount in mounts)


def test_the_image_installs_by_hash_and_runs_as_nobody_special(dockerfile):
    assert "--require-hashes --no-deps -r /tmp/production.txt" in dockerfile
    assert re.search(r"^USER meridian$", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER meridian") < dockerfile.index("\nCMD ")


def test_the_image_copies_only_what_exists(dockerfile):
    sources = [w for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE) for w in line.split()[:-1]]
    assert sources
    assert all((ROOT / source).exists() for source in sources)


def test_the_web_server_is_the_one_that_up_starts(dockerfile):
    command = re.search(r"^CMD \[(.*)\]$", dockerfile, re.MULTILINE)
    words = [word.strip('", ') for word in shlex.split(command.group(1))] if command else []
    assert words == ["python", *machine.WEB]


def test_each_lock_holds_the_one_before():
    named = [pins(lock) for lock in ("production", *bootstrap.LOCKS)]
    assert named[0] <= named[1] <= named[2]


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", bootstrap.requirements(lock).read_text(), re.MULTILINE))


@pytest.mark.full
def test_the_images_steps_work_with_the_production_packages_alone(tmp_path):
    python, quiet = tmp_path / "venv" / "bin" / "python", {"capture_output": True, "text": True}
    install = ["-m", "pip", "install", "--require-hashes", "--no-deps", "-r", "requirements/production.txt"]
    environment = {**os.environ, "MERIDIAN_VENV": str(tmp_path / "venv"), "MERIDIAN_STATIC": str(tmp_path / "static")}
    environment = {k: v for k, v in environment.items() if k not in {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}}
    steps = [
        [sys.executable, "-m", "venv", str(tmp_path / "venv")],
        [str(python), *install],
        [str(python), "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        [str(python), "manage.py", "check"],
    ]
    for step in steps:
        done = subprocess.run(step, cwd=ROOT, env=environment, check=False, **quiet)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_postgresql_writes_no_statement_down_and_neither_does_the_one_that_up_starts(compose):
    said = compose["services"]["database"]["command"]
    quiet = {
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    assert {f"{key}={value}" for key, value in quiet.items()} <= set(said)
    assert quiet.items() <= SETTINGS.items()


def test_what_was_begun_may_be_finished_before_a_container_ends(compose):
    assert all(compose["services"][name]["stop_grace_period"] == "30s" for name in ("web", "worker"))


def test_a_worker_or_beat_that_hangs_is_found_and_ended(compose):
    for name in ("worker", "beat"):
        service = compose["services"][name]
        assert service["environment"]["HEARTBEAT_FILE"].startswith("/tmp/")
        assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "local.processes.healthcheck"]
        assert service["restart"] == "unless-stopped"
    assert "HEARTBEAT_FILE" not in compose["services"]["web"]["environment"]
