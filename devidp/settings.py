"""Settings of the development provider; `python -m devidp` fills the environment they read."""

import os
from importlib.metadata import version
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from devidp import keys

if os.environ.get("PORTAL_DEVELOPMENT") != "1":
    raise ImproperlyConfigured(
        "The development identity provider signs anyone in as anyone. It starts only with "
        "PORTAL_DEVELOPMENT=1, on loopback."
    )

DATA_DIR = Path(os.environ["DEVIDP_DATA"])
HOST = "127.0.0.1"  # not a setting: nothing but this machine may ever reach it
PORT = int(os.environ["DEVIDP_PORT"])
ISSUER = f"http://{HOST}:{PORT}"
CLIENT_ID = os.environ["DEVIDP_CLIENT_ID"]
CLIENT_SECRET = keys.kept(DATA_DIR / "client-secret", keys.secret)
REDIRECT_URIS = os.environ["DEVIDP_REDIRECT_URIS"].split()
POST_LOGOUT_REDIRECT_URIS = os.environ.get("DEVIDP_POST_LOGOUT_REDIRECT_URIS", "").split()
BACKCHANNEL_LOGOUT_URI = os.environ.get("DEVIDP_BACKCHANNEL_LOGOUT_URI", "")

SECRET_KEY = keys.kept(DATA_DIR / "session-key", keys.secret)
DEBUG = False
ALLOWED_HOSTS = [HOST, "localhost"]
ROOT_URLCONF = "devidp.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "oauth2_provider",
    "devidp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "devidp.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).with_name("templates")],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / f"sessions-{version('django-oauth-toolkit')}.sqlite3",
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",  # a read that turns into a write would fail at once
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
# Tables straight from the models, which is four times faster than fifty migrations: the file holds
# sessions and codes alone, and another version of the library gets a file of its own.
MIGRATION_MODULES = dict.fromkeys(["auth", "contenttypes", "sessions", "oauth2_provider", "devidp"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["devidp.backends.ChosenPerson"]
USE_TZ = True
TIME_ZONE = "UTC"

# Cookies ignore ports: without names of its own the provider would sign the portal's people out.
SESSION_COOKIE_NAME = "devidp_session"
CSRF_COOKIE_NAME = "devidp_csrf"
SESSION_COOKIE_AGE = 8 * 60 * 60
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "sign-in"

SIGNING_KEY = keys.kept(DATA_DIR / "signing-key.pem", keys.rsa_key)
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ISSUER,
    "OIDC_RSA_PRIVATE_KEY": SIGNING_KEY,
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "OIDC_SERVER_CLASS": "devidp.validator.CodeServer",
    "OAUTH2_VALIDATOR_CLASS": "devidp.validator.Validator",
    "PKCE_REQUIRED": True,
    "SCOPES": {
        "openid": "Sign in",
        "profile": "Name and user name",
        "email": "E-mail address",
        "groups": "Groups",
    },
    "DEFAULT_SCOPES": ["openid"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "ID_TOKEN_EXPIRE_SECONDS": 300,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s devidp %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
