"""The settings of Pedbasis: one file; whatever differs between machines comes from the environment.

`.env.example` and docs/operations.md list every variable under the same headings, in the same order;
`pedbasis.environment` validates them. A `.env` file next to `manage.py` is read if it exists.
"""

import importlib.util
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from pedbasis import environment

BASE_DIR = Path(__file__).resolve().parent.parent
environment.read_file(BASE_DIR / ".env")

# --- Where we are -------------------------------------------------------------------------------------------
DEBUG = environment.flag("DEBUG", default=False)
DEMO = environment.flag("DEMO", default=False)
SECRET_KEY = environment.required("SECRET_KEY", "$(openssl rand -base64 48)")
SECRET_KEY_FALLBACKS = environment.comma_separated("SECRET_KEY_FALLBACKS", default=[])
DATA_DIR = Path(environment.text("DATA_DIR", default=str(BASE_DIR / "var")))
SITE_URL = environment.site("SITE_URL", default="http://localhost:8000")
ON_THIS_MACHINE = environment.is_on_this_machine(SITE_URL)
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", SITE_URL)
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}
if DEMO and not LOOPBACK.issuperset(ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "DEMO=1 lets anyone sign in as anyone, so it only runs on this machine. "
        "Remove DEMO, or set ALLOWED_HOSTS=localhost."
    )
if DEMO and not ON_THIS_MACHINE:
    raise ImproperlyConfigured("DEMO=1 only runs on this machine. Remove DEMO, or set SITE_URL=http://localhost:8000.")

# --- Parts --------------------------------------------------------------------------------------------------
OWN_APPS = [
    "pedbasis", "pages", "insights", "initiatives", "meetups", "moderation", "notifications", "accounts", "locations",
    "photos",
]  # fmt: skip
if DEMO:
    OWN_APPS.insert(1, "demo")
INSTALLED_APPS = [
    *OWN_APPS,
    "accounts.apps.TechnicalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "pedbasis.logs.RequestIdMiddleware",
    "pedbasis.probes.ProbeMiddleware",
    "page_cache.middleware.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "pedbasis.methods.MethodsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.middleware.GuestFormMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.AuthenticationMiddleware",
    "accounts.middleware.DeviceMiddleware",
    "accounts.middleware.UserHeaderMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "pedbasis.urls"
WSGI_APPLICATION = "pedbasis.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pedbasis.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- Web server ---------------------------------------------------------------------------------------------
# For pedbasis.serve.
WEB_WORKERS = environment.number("WEB_WORKERS", default=2, minimum=1, maximum=100)  # processes
WEB_THREADS = environment.number("WEB_THREADS", default=4, minimum=1, maximum=100)  # concurrent requests per process

# --- Database, queue, cache ---------------------------------------------------------------------------------
# At least one connection per thread: a request that has to wait for one would end in a 503.
DB_POOL_MAX = environment.number("DB_POOL_MAX", default=max(8, WEB_THREADS), minimum=WEB_THREADS, maximum=1000)
DATABASES = {"default": environment.database("DATABASE_URL")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 3,
    # A statement that a connection executes often is planned once (docs/decisions/0008).
    "server_side_binding": True,
    "prepare_threshold": environment.number("DB_PREPARE_AFTER", default=5, minimum=0, maximum=1000) or None,
    "pool": {
        "min_size": environment.number("DB_POOL_MIN", default=1, minimum=0, maximum=DB_POOL_MAX),
        "max_size": DB_POOL_MAX,
        "timeout": 3,  # seconds until a 503 when the database is away
        # Stop reconnecting soon: the next request tries again. Otherwise the delay between attempts keeps doubling, and
        # a database that is back would go unnoticed for minutes.
        "reconnect_timeout": 4,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.queue("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "page_cache.valkey.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pedbasis",
        "OPTIONS": {
            # Without Valkey pages still work, but slower, and rate limits are off.
            "CLIENT_CLASS": "page_cache.valkey.PausingClient",
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
        },
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
# Acknowledge a task when it starts: the beat queues each of them again anyway, and with unacknowledged tasks kombu ends
# the worker when Valkey is killed.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker waits for Valkey indefinitely
# A request never waits for the queue: workers poll for work whose task could not be published.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "visibility_timeout": 600,
    "max_retries": 0,  # publishing fails immediately when Valkey is away; the worker itself keeps reconnecting
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Amsterdam"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "pedbasis.tasks.heartbeat", "schedule": 20.0},
    "plan-reminders": {"task": "meetups.tasks.plan_reminders", "schedule": 300.0},
    "extend-horizon": {"task": "meetups.tasks.extend_horizon", "schedule": 3600.0},
    "forget": {"task": "pages.tasks.forget", "schedule": 3600.0},
    "check-waiting-cases": {"task": "moderation.tasks.check_waiting", "schedule": 300.0},
    "count-visits": {"task": "insights.tasks.count_visits", "schedule": 300.0},
    "remind-about-concerns": {"task": "moderation.tasks.remind_about_concerns", "schedule": 300.0},
    "follow-up-initiatives": {"task": "initiatives.tasks.follow_up", "schedule": 300.0},
    "settle-photos": {"task": "photos.tasks.settle", "schedule": 30.0},
    "renew-search-words": {"task": "initiatives.tasks.renew_search_words", "schedule": crontab(hour=4, minute=10)},
    # Several times, so that a day without a worker at six loses nothing; each is planned once.
    "plan-digests": {"task": "initiatives.tasks.plan_digests", "schedule": crontab(hour="18-21", minute="*/20")},
    "remind-officials": {"task": "initiatives.tasks.remind_officials", "schedule": crontab(hour="8-17", minute=0)},
    # By day, and several times, so that a morning without a worker loses nothing; each step is taken once.
    "attend-to-quiet-ideas": {
        "task": "initiatives.tasks.attend_to_quiet_ones",
        "schedule": crontab(hour="10-16", minute=15),
    },
    "collect-photos": {"task": "photos.tasks.collect", "schedule": crontab(hour=3, minute=40)},
}
HORIZON_WEEKS = 26

# --- People -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.passwords.NotAboutYou"},
    {"NAME": "accounts.passwords.NotCommon"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "my"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "pages.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "add_email": "accounts.allauth_forms.AddEmailForm",
    "change_email": "accounts.allauth_forms.ChangeEmailForm",
    "change_password": "accounts.allauth_forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.allauth_forms.ConfirmEmailForm",
    "confirm_login_code": "accounts.allauth_forms.ConfirmCodeForm",
    "confirm_password_reset_code": "accounts.allauth_forms.ConfirmResetForm",
    "login": "accounts.allauth_forms.LoginForm",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateForm",
    "request_login_code": "accounts.allauth_forms.RequestCodeForm",
    "reset_password": "accounts.allauth_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.allauth_forms.ResetPasswordKeyForm",
    "set_password": "accounts.allauth_forms.SetPasswordForm",
    "signup": "accounts.allauth_forms.SignupForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
CODES_LIVE = 10 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = CODES_LIVE
ACCOUNT_LOGIN_TIMEOUT = 3 * CODES_LIVE  # for the whole sign-in, including a resent code
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODES_LIVE
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_CHANGE_EMAIL = True  # one address per user; a new one replaces the old one
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Limits left empty are enforced by accounts.limits, per mailbox and per client, without ever locking the owner out.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "",
    "reset_password": "",
    "login": "",
    "login_failed": "",
}
MFA_RATE_LIMITS = {"webauthn_login": ""}  # a passkey cannot be guessed, and households share an IP address
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Pedbasis"
MFA_TOTP_TOLERANCE = 1  # also accept the previous and next code: phone clocks drift (RFC 6238, 5.2)
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.allauth_forms.AppSetUpForm",
    "add_webauthn": "accounts.allauth_forms.AddPasskeyForm",
    "authenticate": "accounts.allauth_forms.AppCodeForm",
    "authenticate_webauthn": "accounts.allauth_forms.PasskeyForm",
    "edit_webauthn": "accounts.allauth_forms.EditPasskeyForm",
    "login_webauthn": "accounts.allauth_forms.PasskeyLoginForm",
    "reauthenticate": "accounts.allauth_forms.AppReauthenticateForm",
    "reauthenticate_webauthn": "accounts.allauth_forms.PasskeyReauthenticateForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = urlsplit(SITE_URL).hostname == "localhost"

# --- Language and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
FORMAT_MODULE_PATH = ["pedbasis.formats"]

# --- Mail ---------------------------------------------------------------------------------------------------
vars().update(environment.mail("EMAIL_URL", is_required=not (ON_THIS_MACHINE or DEBUG)))
DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", f"Pedbasis <noreply@{urlsplit(SITE_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
REMINDER_HOUR = environment.number("REMINDER_HOUR", default=17, minimum=0, maximum=23)  # local hour on the day before

# --- Files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", default=str(DATA_DIR / "static")))
# Only the static files of django-leaflet are used: as an app it would need GDAL.
LEAFLET_DIR = Path(importlib.util.find_spec("leaflet").submodule_search_locations[0]) / "static"  # type: ignore[union-attr, index]
STATICFILES_DIRS = [BASE_DIR / "static", LEAFLET_DIR]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Photos that people give: a directory, or an S3-compatible store when there are several machines. Pages never link to
# the store: photos.views serves every photo.
PHOTOS_DIR = Path(environment.text("PHOTOS_DIR", default=str(DATA_DIR / "photos")))
STORAGES["photos"] = environment.photo_store("PHOTOS_STORE") or {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": PHOTOS_DIR, "base_url": None, "allow_overwrite": True},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages link to no others; halves what collectstatic compresses
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG  # while developing: no collectstatic needed
# Enough for the largest form, with a long description. A larger POST gets a 413 page.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["pedbasis.uploads.SmallFiles"]

# --- Map ----------------------------------------------------------------------------------------------------
# The background is the BRT of PDOK (https://www.pdok.nl, CC BY 4.0), unless set otherwise; "off": a drawn outline only.
MAP_TILES_URL = environment.tiles(
    "MAP_TILES_URL",
    default="https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/standaard/EPSG:3857/{z}/{x}/{y}.png",
)
MAP_TILES_ATTRIBUTION = environment.text("MAP_TILES_ATTRIBUTION", default="Kaart: Kadaster, PDOK")

# --- Safety -------------------------------------------------------------------------------------------------
HTTPS = urlsplit(SITE_URL).scheme == "https"
SECURE_SSL_REDIRECT = HTTPS and environment.flag("SECURE_SSL_REDIRECT", default=True)
BEHIND_PROXY = environment.flag("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # else all visitors would share one rate limit
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.session_store"
# Over https, no other site and no attacker on the network can set or replace a cookie with this prefix (RFC 6265bis,
# 4.1.3.2).
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
MESSAGE_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
KNOWN_COOKIE_NAME = f"{COOKIE_PREFIX}known"  # the device of someone who signed in before (accounts.limits)
MESSAGE_STORAGE = "pedbasis.message_cookies.Storage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 90 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "pedbasis.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the tiles of the map only in the frame of the map (pages/views/map.py)
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "accelerometer": [],
    "camera": [],
    "display-capture": [],
    "fullscreen": [],
    "geolocation": ["self"],
    "gyroscope": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "usb": [],
}
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- Log ----------------------------------------------------------------------------------------------------
# One line per event, on standard error, without tokens and e-mail addresses (pedbasis.logs).
LOG_FORMAT = environment.choice("LOG_FORMAT", ("text", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "pedbasis.logs.RedactingFormatter", "one_line": not DEBUG},
        "json": {"()": "pedbasis.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Listed to remove the handlers that Django gives them: everything goes through the one above.
        "django": {"level": "INFO"},
        "django.server": {"level": "INFO", "propagate": True},
        "celery": {"level": "INFO"},
        "pedbasis": {"level": "INFO"},
        "notifications": {"level": "INFO"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
