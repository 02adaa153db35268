"""Every setting, read once from the environment; one file for all environments."""

import os
import secrets
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from backend.config.shell import add_headers

# Lets admin classes name their model: ModelAdmin[SortingRule].
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[2]


def _flag(name: str, *, default: bool) -> bool:
    """Read a yes/no variable; anything else refuses to start."""
    value = os.environ.get(name, str(int(default))).lower()
    if value not in ("0", "1", "false", "true"):
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value in ("1", "true")


def _names(name: str, default: str) -> list[str]:
    """Read a comma-separated variable."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret_key(home: Path, *, hosted: bool) -> str:
    """Take SECRET_KEY; on one's own machine make one once and keep it, readable by its owner."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if hosted:
        raise ImproperlyConfigured("SECRET_KEY is required with a database on another host.")
    kept = home / "secret_key"
    if not kept.exists():
        fresh = home / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # another process was first: its key counts
            kept.hardlink_to(fresh)
        fresh.unlink()
    return kept.read_text()


DEBUG = _flag("DEBUG", default=False)
TAMIS_HOME = Path(os.environ.get("TAMIS_HOME") or ROOT / "var").resolve()
TAMIS_HOME.mkdir(parents=True, exist_ok=True)

_DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{TAMIS_HOME / 'db.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(_DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Readers never wait for a writer, and a writer waits its turn instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT, STATIC_URL, SEED_BUNDLES = TAMIS_HOME / "media", "/static/", ROOT / "ml/bundles"
WHITENOISE_ROOT = ROOT / "pwa" / "dist"
WHITENOISE_INDEX_FILE = WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS, WHITENOISE_MAX_AGE = False, 0
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers

_LOCAL = ("", "localhost", "127.0.0.1", "::1")
SECRET_KEY = _secret_key(
    TAMIS_HOME, hosted=not DEBUG and (urlsplit(_DATABASE_URL).hostname or "") not in _LOCAL
)
ALLOWED_HOSTS = _names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_FAILURE_VIEW = "backend.config.problems.csrf_failure"
CSRF_TRUSTED_ORIGINS = _names("CSRF_TRUSTED_ORIGINS", "")
NUM_PROXIES = int(os.environ.get("NUM_PROXIES", "0"))  # whose X-Forwarded-* are believed
if NUM_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Redirect, secure cookies, HSTS.
HTTPS_ONLY = _flag("HTTPS_ONLY", default=False)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
RECOGNISE_RATE = os.environ.get("RECOGNISE_RATE", "1200/min")
JOIN_RATE = os.environ.get("JOIN_RATE", "60/hour")
CAPTURE_RATE = os.environ.get("CAPTURE_RATE", "1200/min")
CAPTURES_PER_DAY = int(os.environ.get("CAPTURES_PER_DAY", "2000"))
ENGINE_WAIT_S = 1.2  # for a photo's turn: answers come within 2 s or not at all

AUTH_USER_MODEL = "accounts.User"
# The longest that browsers keep a cookie: a pseudonym has no other key than its session.
SESSION_COOKIE_AGE = CSRF_COOKIE_AGE = 400 * 24 * 3600
SESSION_ENGINE = "backend.accounts.sessions"
_RULES = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{rule}Validator"} for rule in _RULES
]
AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"] = {"user_attributes": ("pseudonym", "email")}
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",  # the admin, by pseudonym
    "allauth.account.auth_backends.AuthenticationBackend",  # people, by email
]
ACCOUNT_ADAPTER = "backend.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "pseudonym"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Tamis] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody gets a mail who never gave us an address
HEADLESS_ONLY, HEADLESS_CLIENTS = True, ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_reset_password_from_key": "/#/mot-de-passe/{key}",
    "account_confirm_email": "/#/courriel/{key}",
}
# Without a mail server there are no mails, and what would be one is written to the log.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = EMAIL_PORT == 587, EMAIL_PORT == 465, 10
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "tamis@localhost")
# Where the trainer finds the base photos, what it adds to `python -m ml.train`, when it may act.
TAMIS_DATA = Path(os.environ.get("TAMIS_DATA") or ROOT.parent / "shared" / "data").resolve()
TRAIN_OPTIONS = shlex.split(os.environ.get("TAMIS_TRAIN_OPTIONS", ""))
RETRAIN_MIN_NEW = int(os.environ.get("RETRAIN_MIN_NEW", "50"))
AUTO_PROMOTE = _flag("TAMIS_AUTO_PROMOTE", default=False)
ROOT_URLCONF = "backend.config.urls"
_DJANGO_APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
_APPS = ("waste", "accounts", "recognition", "retraining", "operations")
INSTALLED_APPS = [
    *(f"django.contrib.{name}" for name in _DJANGO_APPS),
    *("rest_framework", "drf_spectacular", "allauth", "allauth.account", "allauth.headless"),
    *(f"backend.{name}" for name in _APPS),
]
MIDDLEWARE = [
    "backend.config.middleware.RequestId",
    "backend.config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
_CONTEXT = (("template", "request"), ("contrib.auth", "auth"), ("contrib.messages", "messages"))
_PROCESSORS = [f"django.{app}.context_processors.{name}" for app, name in _CONTEXT]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _PROCESSORS},
    }
]
LANGUAGE_CODE, TIME_ZONE = "fr", "Europe/Paris"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "backend.config.schema.ProblemSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.config.negotiation.JSONOnly",
    "EXCEPTION_HANDLER": "backend.config.problems.problem_response",
    "NUM_PROXIES": NUM_PROXIES,
    "DEFAULT_THROTTLE_RATES": {
        "recognise": RECOGNISE_RATE,
        "captures": CAPTURE_RATE,
        "join": JOIN_RATE,
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tamis",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "What a photo or a sound is, and the bin it goes to where you live.",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
}
_CONSOLE = {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "backend.config.middleware.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(levelname)s %(request_id)s %(name)s %(message)s"}},
    "handlers": {"console": _CONSOLE},
    "loggers": {"PIL": {"level": "INFO"}},  # below that it prints EXIF, places included
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
