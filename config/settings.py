"""Settings, every one of them from the environment."""

from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from config.api_description import spectacular_settings
from config.environment import url, whole_number, yes_or_no
from core.http import embedding
from core.http.request_limits import LARGEST_BODY
from local import secret_key
from local.services import clinic_settings, demo_flag
from local.setup_error import refuse

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = yes_or_no("DEBUG", default=False)
DEMO = yes_or_no("MERIDIAN_DEMO", default=False)
if DEMO and (REAL := demo_flag.real_clinic_setting(environ.Env.ENVIRON)):
    refuse(f"{REAL} tells of a real clinic: set MERIDIAN_DEMO=false, or unset {REAL} for the demo.")
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if (WEAK := secret_key.refusal(SECRET_KEY)) and not (DEBUG and DEMO):
    refuse(WEAK)
if DEBUG and not DEMO:
    refuse("DEBUG shows what patients typed to whoever meets a fault: unset it for a real clinic.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
OF_THE_DEMO = {
    "CLINIC_NAME": "Lakeside Appointments",
    "CLINIC_PHONE": "(312) 555-0100",
    "MAIL_FROM": "Lakeside Appointments <appointments@example.org>",
}
if UNSAID := [name for name in OF_THE_DEMO if not (DEMO or env.str(name, default=""))]:
    refuse(f"Set {', '.join(UNSAID)}: pages and mails of a clinic tell its own name.")
OF_THE_CLINIC = {name: env.str(name, default="") or usual for name, usual in OF_THE_DEMO.items()}
for ASKED, PROBLEM in clinic_settings.problems(OF_THE_CLINIC):
    refuse(f"{PROBLEM} Please mend {ASKED.setting}.")
CLINIC_NAME, CLINIC_PHONE = OF_THE_CLINIC["CLINIC_NAME"], OF_THE_CLINIC["CLINIC_PHONE"]
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

MAP_LINK = env.str("MAP_LINK", default="https://www.google.com/maps/search/?api=1&query=")
"""What a clinic's address is put behind in mails, so that a phone opens its map; empty where no map is wanted."""

EMBED_ORIGINS = env.list("EMBED_ORIGINS", default=[])
"""Whose pages may show the next free times in a frame, such as https://www.example.org; nobody's else."""
for ORIGIN in EMBED_ORIGINS:
    if not embedding.is_origin(ORIGIN):
        refuse(f"EMBED_ORIGINS: {ORIGIN} is no origin. Give each as https:// and the name, without a path.")

VISITS_WITHOUT_COVER = "/admin/booking/appointment/?cover=without"

INSTALLED_APPS = [
    "core.accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core.accounts.apps.ApiTokensConfig",
    "csp",
    "django_linear_migrations",
    "core",
    "scheduler",
    "booking",
    "notifications",
    "demo",
    "proof",
    "local",
    "config",
]

MIDDLEWARE = [
    "core.http.response_headers.ResponseHeadersMiddleware",
    "core.http.compression.CompressedPagesMiddleware",
    "core.api.health.HealthMiddleware",
    "core.http.request_headers.CleanHeadersMiddleware",
    "core.http.problems.ApiProblemsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.http.problems.DatabaseHangMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.http.request_limits.RequestLimitsMiddleware",
    "core.http.error_pages.MethodNotAllowedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.http.embedding.SourceMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.staff_pages.site_time.SiteTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.http.post_redirect_get.PostRedirectGetMiddleware",
    "core.http.readings.OneReadingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_BODY
FILE_UPLOAD_HANDLERS = ["core.http.request_limits.UploadsWhereTaken"]
TAKES_FILES = ("/desk/import/", "/desk/busy/")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "core" / "staff_pages" / "templates"],  # before Django's own of the same name
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    refuse("DATABASE_URL must name a PostgreSQL database.")
DATABASES["default"] |= {
    "ENGINE": "core.database",  # the same, but that no call waits long for a database that hangs
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    # Statements are prepared where `core.database.round_trip` asks for it. PgBouncer knows them from 1.22 on.
    "OPTIONS": {"connect_timeout": 2, "prepare_threshold": 5},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["core.accounts.passwords.PasswordBackend"]
DEMO_PASSWORD = "meridian-demo"  # noqa: S105  # pragma: allowlist secret  (known to everybody: opens the demo only)
LOGIN_URL = "desk-sign-in"
CSRF_FAILURE_VIEW = "booking.web.desk.error_pages.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # sealed, and not in the browser
SESSION_ENGINE = "core.accounts.sessions"
DEVICE_COOKIE_NAME = "device"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

HTTPS = PUBLIC_URL.startswith("https://")
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", default=1 if HTTPS else 0, least=0)
"""How many proxies of ours stand in front: as many are believed about who asks, counted from this end. No more."""
if HTTPS and not TRUSTED_PROXIES:
    refuse("Set TRUSTED_PROXIES to the number of your own proxies; https needs one at least.")
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = yes_or_no("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = whole_number("HSTS_SECONDS", default=365 * 24 * 3600, least=0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = yes_or_no("HSTS_PRELOAD", default=False)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    DEVICE_COOKIE_NAME = "__Host-device"

SILENCED_SYSTEM_CHECKS = ["security.W021"]  # a preloaded name is hard to take back: only whoever owns it asks for that

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = env.path("MERIDIAN_STATIC", default=str(BASE_DIR / "var" / "static"))
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755  # the web server's account reads what root has collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *Compressor.SKIP_COMPRESS_EXTENSIONS,
    "map",  # two thirds of all, and only developers open them
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.accounts.authentication.ApiTokenAuthentication",
        "core.accounts.authentication.BrowserSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.MayAct"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.StrictParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.http.problems.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = spectacular_settings(clinic=CLINIC_NAME, public_url=PUBLIC_URL)
READINESS_CHECKS = [
    "core.api.health.database",
    "core.api.health.broker",
    "notifications.api.health.messages",
    "notifications.api.health.changes",
    "notifications.api.health.sweeps",
]
DATA_FOLDER = env.str("MERIDIAN_DATA_FOLDER", default="")
if DATA_FOLDER:  # where `up` keeps the database; in containers it is on another disk
    READINESS_CHECKS.append("core.api.health.disk")
if TRUSTED_PROXIES:
    READINESS_CHECKS.append("core.api.health.proxies")
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105  (a table)
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "AUTO_REFRESH": False}

REDIS_URL = url("REDIS_URL", "redis", "rediss", example="redis://:password@127.0.0.1:6379/0") or env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

MESSAGE_CHANNELS = ["notifications.channels.mail.channel.MailChannel"]
"""How people are reached; each has messages, a breaker and a connection of its own."""

EMAIL_URL = url("EMAIL_URL", *env.EMAIL_SCHEMES, example="smtp://mail.example.org:25")
DEFAULT_FROM_EMAIL = clinic_settings.sender(OF_THE_CLINIC["MAIL_FROM"], name=CLINIC_NAME)
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="") or parseaddr(DEFAULT_FROM_EMAIL)[1]
if ":" not in SECURITY_CONTACT:
    SECURITY_CONTACT = f"mailto:{SECURITY_CONTACT}"
if EMAIL_URL:
    EMAIL_CONFIG = env.email_url("EMAIL_URL")
    vars().update(EMAIL_CONFIG)
    EMAIL_TIMEOUT = 10
elif DEMO:
    EMAIL_BACKEND = "notifications.channels.mail.outbox.DemoOutbox"
else:
    refuse("Set EMAIL_URL: appointments cannot be confirmed without a mail server.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "core.monitoring.logs.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": []},  # Django's own handlers would write what the formatter above takes out
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "django.views.debug.SafeExceptionReporterFilter"
