"""Django settings, read from the installation's home and a few environment variables.

BANYAN_HOME (folder), DATABASE_URL + DATABASE_OWNER_URL (another server), BANYAN_TODAY (the day of
demo and tests, YYYY-MM-DD), BANYAN_DEBUG=1, BANYAN_HOSTS (comma list), BANYAN_PORT,
BANYAN_MAIL_URL (a mail server), BANYAN_URL (how links in mails begin), BANYAN_LIVE_PORT (streams).
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from banyan.site import home, mail_server

ROOT = Path(__file__).resolve().parents[2]
DEBUG = os.environ.get("BANYAN_DEBUG") == "1"
SECRET_KEY = home.secret_key()
PORT = os.environ.get("BANYAN_PORT", "8000")
LIVE_PORT = os.environ.get("BANYAN_LIVE_PORT", "")
BANYAN_LIVE_PORT = int(LIVE_PORT) if LIVE_PORT.isdecimal() else 0  # 0: nobody serves streams
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [*LOOPBACK, *filter(None, os.environ.get("BANYAN_HOSTS", "").split(","))]
CSRF_FAILURE_VIEW = "banyan.site.failures.stale_form"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS[len(LOOPBACK) :]]
BANYAN_TODAY = os.environ.get("BANYAN_TODAY", "")
PACKS = ROOT / "packs"
BANYAN_FILES = home.root() / "files"
# Where `banyan figures export` writes as a rule, and where DuckDB spills.
BANYAN_ARCHIVE = home.root() / "archive"
BANYAN_SCRATCH = home.root() / "run"
BANYAN_LARGEST_FILE = 50_000_000
# Pages kept as last seen, to be read without a network; those fetched for it before they are asked for.
BANYAN_OFFLINE = {
    "pages": ["/", "/initiatives/", "/initiatives/quick", "/waiting"],
    "first": ["/", "/initiatives/quick?blank=1", "/waiting"],
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "banyan.ledger",
    "banyan.web",
    "banyan.orgs",
    "banyan.people",
    "banyan.packs",
    "banyan.documents",
    "banyan.imports",
    "banyan.figures",
    "banyan.submissions",
    "banyan.initiatives",
    "banyan.reorganisations",
    "banyan.reports",
    "banyan.notices",
    "banyan.analytics",
    "banyan.desk",
    "banyan.site",
    # Below ours, so that our templates win.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "banyan.web.compress.CompressText",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "banyan.people.middleware.ActorMiddleware",
    "banyan.web.act.RefusalMiddleware",
]

ROOT_URLCONF = "banyan.site.urls"
WSGI_APPLICATION = "banyan.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "banyan.site.context.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


# The pool replaces persistent connections: threads share few connections, and a restarted server
# is noticed before a request gets a dead one.
POOL = {"min_size": 1, "max_size": 6, "timeout": 10}
_ADDRESS = conninfo_to_dict(home.database_url(home.role_in_use()))
_NAMED = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **{key: str(_ADDRESS.pop(part, "") or "") for key, part in _NAMED.items()},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_ADDRESS, "pool": POOL},
    }
}
if "BANYAN_REPLICA_URL" in os.environ:
    _REPLICA = conninfo_to_dict(os.environ["BANYAN_REPLICA_URL"])
    DATABASES["replica"] = {
        **DATABASES["default"],
        **{key: str(_REPLICA.pop(part, "") or "") for key, part in _NAMED.items()},
        "OPTIONS": {
            "connect_timeout": 2,
            "options": "-c default_transaction_read_only=on",
            **_REPLICA,
            "pool": {**POOL, "min_size": 0, "timeout": 2},
        },
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["banyan.site.replicas.ReadsItsOwnWrites"]
    MIDDLEWARE.insert(0, "banyan.site.replicas.ReplicaMiddleware")
# Shared by all worker processes: it holds the counts that slow down who guesses passwords.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": home.root() / "run" / "cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "banyan.people.passwords.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "banyan.people.passwords.NotCommon"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "banyan.people.entry.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None  # asked at every sign-in: many desks are shared
# One office has one address: a slip of one person must not shut out all the others.
ACCOUNT_RATE_LIMITS = {"enter": "20/m/ip,10/10m/key", "login_failed": "60/m/ip,5/300s/key"}
ACCOUNT_FORMS = {
    "login": "banyan.people.sign_forms.SignInForm",
    "reauthenticate": "banyan.people.sign_forms.PasswordAgainForm",
    "change_password": "banyan.people.sign_forms.ChangePasswordForm",
    "set_password": "banyan.people.sign_forms.SetPasswordForm",
}
MFA_ADAPTER = "banyan.people.entry.SecondStepAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the officer who registers a person knows the address
MFA_FORMS = {
    "authenticate": "banyan.people.sign_forms.CodeForm",
    "reauthenticate": "banyan.people.sign_forms.CodeAgainForm",
    "activate_totp": "banyan.people.sign_forms.ActivateAppForm",
    "add_webauthn": "banyan.people.sign_forms.AddKeyForm",
    "edit_webauthn": "banyan.people.sign_forms.NameKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # loopback is a secure context without TLS
MFA_TOTP_ISSUER = "Banyan"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
LOCALE_PATHS: list[str] = []

STATIC_URL = "/static/"
STATIC_ROOT = home.root() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Without a proxy streams come from another port of the same machine (no policy can name [::1]).
STREAMS = [
    f"http://{host}:{BANYAN_LIVE_PORT}"
    for host in ALLOWED_HOSTS
    if BANYAN_LIVE_PORT and not host.startswith(("[", "."))
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, *STREAMS],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_TLS = os.environ.get("BANYAN_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
if SECURE_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Without an address of a mail server nobody ever gets mail, and no page offers it.
MAIL = mail_server.from_environment()
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL.host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = MAIL.sender
# How links in mails and calendars begin: as others reach this machine.
_NAMED_HOST = next(iter(ALLOWED_HOSTS[len(LOOPBACK) :]), "")
BANYAN_URL = os.environ.get("BANYAN_URL", "").rstrip("/") or (
    f"https://{_NAMED_HOST}" if _NAMED_HOST else f"http://127.0.0.1:{PORT}"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["err"], "level": "WARNING"},
}
