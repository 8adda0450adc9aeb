"""The settings under test: the real ones, with quick passwords and static files straight from their folders."""

import os
from hashlib import sha256
from pathlib import Path

os.environ.pop("EMAIL_URL", None)  # these would tell of a real clinic
os.environ.pop("PUBLIC_URL", None)
os.environ.pop("ALLOWED_HOSTS", None)
os.environ.pop("WEB_BIND", None)
os.environ["SECRET_KEY"] = sha256(b"only for tests: it signs nothing that counts to anybody").hexdigest()
os.environ["MERIDIAN_DEMO"] = "true"
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from config.settings import *  # noqa: F403  (the environment must be set first)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["ENGINE"] = "tests.database"  # noqa: F405
SOCKETS = Path(os.environ.get("DATABASE_SOCKET") or "/nowhere")
if (SOCKETS / f".s.PGSQL.{DATABASES['default']['PORT']}").exists():  # noqa: F405  (a program started here may use another)
    DATABASES["default"]["HOST"] = str(SOCKETS)  # noqa: F405  (shorter than by loopback)
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  (threads of the live server end and leave no session behind)
WHITENOISE_AUTOREFRESH = True  # static files have not been collected
