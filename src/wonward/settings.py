"""Django's settings, and every setting of the server: each comes from the environment and is described here.

`docs/reference/settings.md` is checked against this file by a test.
"""

import os
import secrets
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

# -- What the environment says --------------------------------------------------------------------

_CHECKOUT = Path(__file__).parents[2]
_HOME = _CHECKOUT / ".wonward" if (_CHECKOUT / "dev").exists() else Path("~/.local/share/wonward")

WONWARD_DATA = Path(os.environ.get("WONWARD_DATA", _HOME)).expanduser()
"""The folder of the bundled PostgreSQL, of generated secrets and of files; `.wonward` in a checkout of the source."""

WONWARD_POSTGRES_BIN = os.environ.get("WONWARD_POSTGRES_BIN", "")
"""The `bin` folder of another PostgreSQL (15 to 18) to run the data of the bundled server with, when given."""

DATABASE_URL = os.environ.get("DATABASE_URL", "")
"""`postgresql://user:password@host:port/name`; empty for the bundled server, which the command line starts."""

WONWARD_URL = os.environ.get("WONWARD_URL", "http://127.0.0.1:8000")
"""The address people and clients reach the server at; https switches secure cookies and HSTS on."""

WONWARD_PROXIES = int(os.environ.get("WONWARD_PROXIES", "0"))
"""How many proxies stand before the server: sign-in counts tries by the address that they tell of."""

WONWARD_DEBUG = os.environ.get("WONWARD_DEBUG", "") == "1"
"""`1` shows Django's error pages; never on a server that others reach."""

WONWARD_AHEAD = int(os.environ.get("WONWARD_AHEAD", "0"))
"""Days that the present is moved ahead, for a demo in which reminders fall due; never where people work."""

WONWARD_THREADS = int(os.environ.get("WONWARD_THREADS", "4"))
"""Threads of each web process."""

WONWARD_PROCESSES = int(os.environ.get("WONWARD_PROCESSES", "2"))
"""Web processes."""

WONWARD_FILES_URL = os.environ.get("WONWARD_FILES_URL", "")
"""`s3://bucket/folder?endpoint=https://…&region=…` for attached files; empty for the folder `files` of WONWARD_DATA."""

WONWARD_FILE_MEGABYTES = int(os.environ.get("WONWARD_FILE_MEGABYTES", "25"))
"""How large an attached file may be; the proxy before the server must let as much through."""

WONWARD_FILES_PER_RECORD = int(os.environ.get("WONWARD_FILES_PER_RECORD", "100"))
"""How many files may be attached to one record."""

WONWARD_VIRUS_SCAN = os.environ.get("WONWARD_VIRUS_SCAN", "")
"""`clamd://host:3310` or `clamd:///run/clamav/clamd.ctl`, which looks at every file first; empty for none."""

WONWARD_VIRUS_SCAN_AWAY = os.environ.get("WONWARD_VIRUS_SCAN_AWAY", "refuse")
"""Without the scanner: `refuse` takes no files; `wait` takes them and gives them out once they were scanned."""

WONWARD_SMTP = os.environ.get("WONWARD_SMTP", "")
"""The server mail goes out by: `smtp://user:password@host:587`, `smtps://…:465`; after `?` may stand `ca=/file.pem`
and, without a password, `starttls=no`. While it is empty, mail waits."""

WONWARD_OUTGOING_ALLOW = os.environ.get("WONWARD_OUTGOING_ALLOW", "")
"""Where webhooks and calendar feeds may lead besides the public internet: hosts and networks, with commas between,
such as `erp.internal,10.1.0.0/16`. These may be asked over plain http, too."""

WONWARD_MAIL_FROM = os.environ.get("WONWARD_MAIL_FROM", "")
"""The sender of portals that name none in `mail_from`: an address, or `Name <address>`."""

WONWARD_MAIL_IN = os.environ.get("WONWARD_MAIL_IN", "")
"""The mailbox that blind copies are logged through: `imaps://user:password@host/INBOX`; after `?` may stand
`address=log@example.com`, where the user isn't its address, and `ca=/file.pem`. Empty for none."""

WONWARD_SSO_ISSUER = os.environ.get("WONWARD_SSO_ISSUER", "")
"""The issuer of single sign-on by OpenID Connect, as it calls itself: `https://login.example.com`; empty for none.
Its program for Wonward comes back to `/sign-in/sso/back`."""

WONWARD_SSO_CLIENT_ID = os.environ.get("WONWARD_SSO_CLIENT_ID", "")
"""What the provider of single sign-on calls Wonward."""

WONWARD_SSO_CLIENT_SECRET = os.environ.get("WONWARD_SSO_CLIENT_SECRET", "")
"""The secret that goes with it."""

WONWARD_SSO_LABEL = os.environ.get("WONWARD_SSO_LABEL", "single sign-on")
"""What the button says after *Sign in with*."""

WONWARD_SECRET_KEYS_BEFORE = os.environ.get("WONWARD_SECRET_KEYS_BEFORE", "").split()
"""Earlier values of WONWARD_SECRET_KEY, after a change of it, the newest first, apart by spaces: what was sealed
with them stays readable."""


def _secret_key() -> str:
    """WONWARD_SECRET_KEY, else one made once and kept in WONWARD_DATA, readable by its owner alone."""
    given = os.environ.get("WONWARD_SECRET_KEY")
    if given:
        return given
    kept = WONWARD_DATA / "secret-key"
    if not kept.exists():
        WONWARD_DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(fresh, kept)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii")


def database(url: str) -> dict[str, object]:
    """Return a database's address in Django's words; `?host=` names a socket's folder, as libpq has it."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 3, "application_name": "wonward", **options},
    }


def files(url: str) -> dict[str, object]:
    """Return the storage of attached files in Django's words; keys to a bucket stand in AWS's own variables."""
    if not url:
        return {
            "BACKEND": "wonward.attachments.storage.Folder",
            "OPTIONS": {
                "location": WONWARD_DATA / "files",
                "base_url": None,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.netloc or given.keys() - {"endpoint", "region"}:
        raise ImproperlyConfigured("WONWARD_FILES_URL must be s3://bucket/folder?endpoint=https://…&region=…")
    return {
        "BACKEND": "wonward.attachments.bucket.bucket",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": given.get("endpoint"),
            "region_name": given.get("region"),
        },
    }


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that mail goes out by. `tls` is from the first byte, by STARTTLS, or none; `ca` a file of roots."""

    host: str
    port: int
    tls: Literal["at once", "starttls", "none"]
    user: str = ""
    password: str = ""
    ca: str = ""


@dataclass(frozen=True, slots=True)
class MailIn:
    """The mailbox that mail comes in by, and its address; `ca` is a file of roots."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    address: str
    ca: str = ""

    def logging(self, token: str) -> str:
        """Return the address of a token, which the same mailbox gets: `log+token@example.com`."""
        name, _, domain = self.address.rpartition("@")
        return f"{name}+{token}@{domain}"


@dataclass(frozen=True, slots=True)
class Sso:
    """The provider of single sign-on, and who Wonward is there."""

    issuer: str
    client_id: str
    client_secret: str
    label: str


def sso() -> Sso | None:
    """Return the provider that the WONWARD_SSO variables name; None for none."""
    if not WONWARD_SSO_ISSUER:
        return None
    parts = urlsplit(WONWARD_SSO_ISSUER)
    if parts.scheme != "https" or not parts.hostname:
        raise ImproperlyConfigured("WONWARD_SSO_ISSUER must be https://…")
    if not WONWARD_SSO_CLIENT_ID or not WONWARD_SSO_CLIENT_SECRET:
        raise ImproperlyConfigured(
            "WONWARD_SSO_ISSUER wants WONWARD_SSO_CLIENT_ID and WONWARD_SSO_CLIENT_SECRET too"
        )
    return Sso(WONWARD_SSO_ISSUER, WONWARD_SSO_CLIENT_ID, WONWARD_SSO_CLIENT_SECRET, WONWARD_SSO_LABEL)


def smtp(url: str) -> Smtp | None:
    """Return the server that WONWARD_SMTP names; None for none."""
    if not url:
        return None
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or given.keys() - {"starttls", "ca"}:
        raise ImproperlyConfigured("WONWARD_SMTP must be smtp://user:password@host:587 or smtps://…:465")
    starttls = given.get("starttls", "yes")
    if starttls not in ("yes", "no"):
        raise ImproperlyConfigured("WONWARD_SMTP: starttls must be yes or no")
    tls: Literal["at once", "starttls", "none"] = "starttls" if starttls == "yes" else "none"
    if parts.scheme == "smtps":
        tls = "at once"
    if tls == "none" and parts.username:
        raise ImproperlyConfigured("WONWARD_SMTP: a password isn't sent without TLS; leave starttls=no out")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or (465 if tls == "at once" else 587)
    return Smtp(parts.hostname, port, tls, user, password, given.get("ca", ""))


@dataclass(frozen=True, slots=True)
class Inside:
    """Hosts and networks that aren't public and may be asked all the same."""

    hosts: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]


def inside(text: str) -> Inside:
    """Return what WONWARD_OUTGOING_ALLOW names."""
    hosts, networks = set[str](), list[IPv4Network | IPv6Network]()
    for each in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ip_network(each))
        except ValueError:
            if "/" in each or ":" in each:
                raise ImproperlyConfigured(
                    f"WONWARD_OUTGOING_ALLOW: '{each}' is neither a host nor a network such as 10.1.0.0/16"
                ) from None
            hosts.add(each)
    return Inside(frozenset(hosts), tuple(networks))


def mail_in(url: str) -> MailIn | None:
    """Return the mailbox that WONWARD_MAIL_IN names; None for none."""
    if not url:
        return None
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if (
        parts.scheme != "imaps"
        or not (parts.hostname and user and password)
        or given.keys() - {"address", "ca"}
    ):
        raise ImproperlyConfigured("WONWARD_MAIL_IN must be imaps://user:password@host/INBOX")
    own = given.get("address", user).lower()
    if not all(own.rpartition("@")[::2]):
        raise ImproperlyConfigured("WONWARD_MAIL_IN: say the mailbox's address with ?address=log@example.com")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return MailIn(parts.hostname, parts.port or 993, user, password, folder, own, given.get("ca", ""))


if WONWARD_VIRUS_SCAN_AWAY not in ("refuse", "wait"):
    raise ImproperlyConfigured("WONWARD_VIRUS_SCAN_AWAY must be refuse or wait")
if WONWARD_VIRUS_SCAN and urlsplit(WONWARD_VIRUS_SCAN).scheme != "clamd":
    raise ImproperlyConfigured("WONWARD_VIRUS_SCAN must be clamd://host:port or clamd:///path/of/the/socket")


# -- Django ---------------------------------------------------------------------------------------

SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = WONWARD_SECRET_KEYS_BEFORE
DEBUG = WONWARD_DEBUG
ALLOWED_HOSTS = ["*"] if DEBUG else [urlsplit(WONWARD_URL).hostname or "", "127.0.0.1", "localhost"]
SECURE = WONWARD_URL.startswith("https://")

DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "wonward.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "procrastinate.contrib.django",
    "wonward.accounts",
    "wonward.attachments",
    "wonward.automation",
    "wonward.documents",
    "wonward.mail",
    "wonward.marketing",
    "wonward.meetings",
    "wonward.metrics",
    "wonward.notifications",
    "wonward.pipelines",
    "wonward.records",
    "wonward.sharing",
    "wonward.views",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "wonward.api.shortcut.api_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "wonward.urls"
WSGI_APPLICATION = "wonward.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {  # ours; asked first, so that they replace those of allauth by name
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "web" / "jinja2"],
        "OPTIONS": {
            "environment": "wonward.web.templates.environment",
            "context_processors": [
                "wonward.web.templates.form_token",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {  # what allauth and Django bring themselves
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("da", "Dansk")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["wonward.web.formats"]

STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": files(WONWARD_FILES_URL),
}

SMTP = smtp(WONWARD_SMTP)
MAIL_IN = mail_in(WONWARD_MAIL_IN)
SSO = sso()
OUTGOING_ALLOW = inside(WONWARD_OUTGOING_ALLOW)

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
STATICFILES_DIRS = [Path(__file__).parent / "handbook" / "static"]

# -- Who may enter --------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "wonward.web.sign_in.Rules"
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Five failures for an account in five minutes, wherever they come from; a browser that the person used counts apart.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/15m/key",
    "meet_look": "120/m/ip",
    "meet_book": "10/h/ip",
    "document_look": "240/m/ip",
    "document_try": "30/10m/ip",
    "document_view": "240/m/ip",
    "document_code": "5/h/key,30/h/ip",
    "document_password": "60/h/key",
    "form_look": "120/m/ip",
    "form_send": "30/h/ip",
}
PASSWORD_RESET_TIMEOUT = 3600
MFA_ADAPTER = "wonward.web.second_factor.Rules"
MFA_FORMS = {
    "authenticate": "wonward.web.second_factor.CodeForm",
    "authenticate_webauthn": "wonward.web.second_factor.PasskeyForm",
    "login_webauthn": "wonward.web.second_factor.PasskeyAloneForm",
    "reauthenticate_webauthn": "wonward.web.second_factor.ConfirmPasskeyForm",
    "add_webauthn": "wonward.web.second_factor.AddPasskeyForm",
    "reauthenticate": "wonward.web.second_factor.ConfirmForm",
    "activate_totp": "wonward.web.second_factor.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an admin gave the address, or it was invited
MFA_TOTP_ISSUER = "Wonward"
MFA_TOTP_TOLERANCE = 1  # clocks that are half a minute wrong
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"

ALLAUTH_TRUSTED_PROXY_COUNT = WONWARD_PROXIES

# The rate limits of sign-in are counted here, so that they hold over all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "wonward_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # with Django's 300, a flood of tries would push the counts out
    },
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "wonward.accounts.sessions"
CSRF_COOKIE_HTTPONLY = False
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PROCRASTINATE_ON_APP_READY = "wonward.worker.jobs.register"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["wonward.web.receiving.Receiving"]

# -- Logging --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"wonward": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
