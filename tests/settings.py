"""The settings under test: the real ones, with quick passwords and static files straight from their folders."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("MERIDIAN_DEMO", "true")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from config.settings import *  # noqa: F403  (the environment must be set first)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  (threads of the live server end and leave no session behind)
WHITENOISE_AUTOREFRESH = True  # static files have not been collected
