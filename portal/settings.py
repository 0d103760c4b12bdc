"""Every setting, environment first. What each variable means: docs/guides/operate.md."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal import env, wiring
from portal.schedule import BEAT

BASE_DIR = Path(__file__).resolve().parent.parent

# `portal up` sets this; it brings the demo's provider, plain HTTP on loopback and the demo's people.
DEVELOPMENT = env.flag("PORTAL_DEVELOPMENT")
DEBUG = False  # pages of ours explain errors; Django's would show settings and source

SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost" if DEVELOPMENT else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", BASE_URL)

# -- rooms, top of the house first; .importlinter keeps imports pointing down ---------------------

LOCAL_APPS = [
    "portal",
    "audit",
    "runtime",
    "catalog",
    "datacatalog",
    "policy",
    "vault",
    "approvals",
    "notices",
    "identity",
    "ledger",
]

INSTALLED_APPS = [
    *LOCAL_APPS,
    "portal.admin_site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.api.edge.NoCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.SessionLimitMiddleware",
    "portal.api.edge.BearerMiddleware",
    "portal.middleware.TenantMiddleware",
    "portal.kept_forms.KeptFormMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- databases: one PostgreSQL, one login a duty (docs/adr/0003-database-roles.md) -----------------


def _login(name: str) -> dict[str, Any]:
    """The connection of one database role: its own URL, else DATABASE_URL under that role's name."""
    url = env.text("DATABASE_URL") if name == "app" else env.text(f"DATABASE_URL_{name.upper()}", "")
    settings = env.database(url or env.text("DATABASE_URL"))
    if not url:
        settings["USER"] = f"portal_{name}"
    settings["CONN_HEALTH_CHECKS"] = True
    settings["CONN_MAX_AGE"] = 60 if name != "owner" else 0
    settings["TEST"] = {"MIRROR": None if name == "app" else "default"}
    return settings


DATABASES = {
    "default": _login("app"),
    "owner": _login("owner"),
    "apps_ddl": _login("apps_ddl"),
    "sweeper": _login("sweeper"),
    "sequencer": _login("sequencer"),
}
DATABASE_ROUTERS = ["portal.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Redis: cache and queue; may be wiped without loss (docs/adr/0006-state-and-work.md) ------------

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        # a Redis that hangs is as good as none, and is to be noticed (G5); seconds
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", REDIS_URL.replace("unix://", "redis+socket://"))
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "portal_session"
# Seconds without a request and since the sign-in, by portal role ("": any other); the strictest role counts.
SESSION_LIMITS = {
    "": (
        60 * env.integer("SESSION_IDLE_MINUTES", 60),
        60 * env.integer("SESSION_MINUTES", 12 * 60),
    ),
    "admin": (
        60 * env.integer("SESSION_ADMIN_IDLE_MINUTES", 15),
        60 * env.integer("SESSION_ADMIN_MINUTES", 8 * 60),
    ),
}
SESSION_COOKIE_AGE = max(most for _idle, most in SESSION_LIMITS.values())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "portal_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"

# -- transport: everything that `check --deploy` asks for, off only for the loopback demo -----------

_HTTPS = not DEVELOPMENT
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # the orchestrator asks over plain HTTP inside the host
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
PROXY_HOPS = 0  # how many proxies of our own append to X-Forwarded-For
if env.flag("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    PROXY_HOPS = env.integer("PROXY_HOPS", 1)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # tables for the catalog never touch the disk (datacatalog)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# -- identity: SSO only (docs/adr/0035-*.md) ---------------------------------------------------

AUTH_USER_MODEL = "identity.User"
OFFBOARDING_STEPS = wiring.OFFBOARDING_STEPS
AUTHENTICATION_BACKENDS = [
    "identity.backends.DirectoryBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# django-guardian for rights on single things; no right for nobody, no methods put on other classes
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = GUARDIAN_MONKEY_PATCH_GROUP = False
GUARDIAN_GROUP_OBJ_PERMS_MODEL = "identity.AnyGroupPermission"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # user names are unique within a tenant, whatever their case
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
SECRET_RESOLVER, SECRET_KEEPER = wiring.SECRET_RESOLVER, wiring.SECRET_KEEPER
SECRETS = {"oidc-client": env.text("OIDC_CLIENT_SECRET", "")}
OIDC = {
    "issuer": env.text("OIDC_ISSUER", ""),
    "client_id": env.text("OIDC_CLIENT_ID", ""),
    "name": env.text("OIDC_NAME", "Company sign-in"),
    # the acr values, best first, that count as a second factor; the demo's provider has this one
    "step_up_acr": env.text("OIDC_STEP_UP_ACR", "urn:devidp:loa:2" if DEVELOPMENT else ""),
    # the ID token's claim that says whether the device follows the company's rules
    "device_claim": env.text("OIDC_DEVICE_CLAIM", "device_compliant"),
}
SIGN_INS_PER_MINUTE = env.integer("SIGN_INS_PER_MINUTE", 600)  # from one network address
# allauth is the OpenID Connect engine and nothing else: every way to an account of its own is shut.
ACCOUNT_ADAPTER = "identity.adapters.NoLocalAccounts"
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "identity.adapters.ProvisionedPeopleOnly"
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False

# django-scim2, with nothing of its own left in a place where it decides (docs/adr/0037-scim.md)
SCIM_REQUESTS_A_MINUTE = env.integer("SCIM_REQUESTS_A_MINUTE", 6000)  # of each client
SCIM_SERVICE_PROVIDER = {
    "SCHEME": urlsplit(BASE_URL).scheme,
    "NETLOC": urlsplit(BASE_URL).netloc,
    "BASE_LOCATION_GETTER": "identity.scim.adapters.base_location",
    "AUTH_CHECK_MIDDLEWARE": "identity.scim.auth.ClientOnly",
    "GET_IS_AUTHENTICATED_PREDICATE": "identity.scim.closed.nobody",
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Bearer token"}],
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="scim"',
    "EXPOSE_SCIM_EXCEPTIONS": False,
    "USER_MODEL_GETTER": "django.contrib.auth.get_user_model",
    "USER_ADAPTER": "identity.scim.adapters.UserAdapter",
    "GROUP_MODEL": "identity.models.Group",
    "GROUP_ADAPTER": "identity.scim.adapters.GroupAdapter",
    "SCHEMAS_GETTER": "identity.scim.provider.schemas",
    "USER_FILTER_PARSER": "identity.scim.closed.NoFilter",
    "GROUP_FILTER_PARSER": "identity.scim.closed.NoFilter",
    **dict.fromkeys(
        [
            "SERVICE_PROVIDER_CONFIG_MODEL",
            "GET_EXTRA_MODEL_FILTER_KWARGS_GETTER",
            "GET_EXTRA_MODEL_EXCLUDE_KWARGS_GETTER",
            "GET_OBJECT_POST_PROCESSOR_GETTER",
            "GET_QUERYSET_POST_PROCESSOR_GETTER",
        ],
        "identity.scim.closed.refuse",
    ),
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # the sign-in POST is answered by a redirect to the provider, which form-action governs too
        "form-action": [SELF, *([OIDC["issuer"]] if OIDC["issuer"] else [])],
    }
}

# -- language, time -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]  # `makemessages` finds every string for the next one
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.staticfiles.BundlingStorage"},
}

# -- what lives on disk ---------------------------------------------------------------------------------

DATA_DIR = Path(env.text("PORTAL_DATA", str(BASE_DIR / "var")))
EXPORT_DIR = DATA_DIR / "exports"
KMS_BACKENDS = {
    "local": "vault.kms.local.LocalKeyring",
    "pkcs11": "vault.kms.pkcs11.Pkcs11",  # needs the extra "hsm"
}
KMS_DEFAULT = env.text("KMS_DEFAULT", "local")  # who wraps new keys; old ones name their own
KMS_KEYRING = Path(env.text("KMS_KEYRING", str(DATA_DIR / "keyring.json")))
KMS_PASSPHRASE = env.text("KMS_PASSPHRASE", "")  # seals the keyring; a systemd credential comes before it
KMS_PKCS11_LIBRARY = env.text("KMS_PKCS11_LIBRARY", "")  # the module's own, a path
KMS_PKCS11_TOKEN = env.text("KMS_PKCS11_TOKEN", "")  # its label
KMS_PKCS11_PIN = env.text("KMS_PKCS11_PIN", "")
KEY_MOST_DAYS = env.integer("KEY_MOST_DAYS", 365)  # a key-encryption key that is older is warned of

# -- data catalog ---------------------------------------------------------------------------------------

# which databases may be read for the catalog: host names, *.suffixes, networks; none unless they are named
DATABASE_IMPORT_HOSTS = env.words("DATABASE_IMPORT_HOSTS", "")
# SQLAlchemy dialects beside PostgreSQL; their drivers are installed by whoever names them
DATABASE_IMPORT_DIALECTS = env.words("DATABASE_IMPORT_DIALECTS", "")

# -- policy: a configured or found OPA is the authority, else the guarded embedded engine (P3) -----------

OPA_URL = env.text("OPA_URL", "")
POLICY_TIMEOUT_SECONDS = 2.0
POLICY_TENANT = env.text("POLICY_TENANT", "contoso" if DEVELOPMENT else "")  # whose people change the rules
BUNDLE_SIGNER = wiring.BUNDLE_SIGNER
OPA_BUNDLE = env.text("OPA_BUNDLE", "")  # file that an OPA of one's own watches; holds the rules in force
POLICY_LOOK_SECONDS = 3.0  # each process hears of new rules at once, and looks this often in case it did not
POLICY_GRACE_SECONDS = 10.0  # how long after a change an OPA may still answer by the rules of before
POLICY_PARITY_INPUTS = env.integer("POLICY_PARITY_INPUTS", 2000)  # on which both engines must agree
# agents that wait for a new revision each hold a thread (docs/adr/0077-opa-agents.md); of each web process
OPA_AGENTS_WAITING = env.integer("OPA_AGENTS_WAITING", 2)

# -- approvals and notices: time boxes are swept, messages delivered, by beat (docs/adr/0045-time-boxes.md) --

APPROVABLES, VOTE_CONDITIONS = wiring.APPROVABLES, wiring.VOTE_CONDITIONS
SIMULATION_SOURCES, SIMULATION_APPS = wiring.SIMULATION_SOURCES, wiring.SIMULATION_APPS
COPIES_OF_RECORDS = wiring.COPIES_OF_RECORDS
POLICY_DATA = wiring.POLICY_DATA
EMAIL_HOST = env.text("EMAIL_HOST", "")  # empty: notices stay in the portal
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "portal@localhost")
APPROVALS_HOLIDAYS = env.text("APPROVALS_HOLIDAYS", "")  # "DE", "DE-BY"; empty: no holidays
APPROVALS_LAPSE_DAYS = env.integer("APPROVALS_LAPSE_DAYS", 7)
CELERY_BEAT_SCHEDULE = BEAT

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "portal.logs.RequestContext"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},  # it writes whole addresses, with what their queries carry
}
