"""Django's settings, all from the environment (`hirnok.lib.env`, `docs/settings.md`)."""

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from hirnok.lib import env, keys, sql

PACKAGE = Path(__file__).resolve().parent
DEBUG = env.flag("HIRNOK_DEBUG")
SECRET_KEY, *SECRET_KEY_FALLBACKS = (key.hex() for key in keys.rotating("django"))
ALLOWED_HOSTS = [host.strip() for host in env.get("HIRNOK_HOSTS").split(",") if host.strip()]
PUBLIC_URL = env.get("HIRNOK_PUBLIC_URL").rstrip("/")
TRACKER_URL = env.get("HIRNOK_TRACKER_URL").rstrip("/")
PRIVATE_RELAYS = env.flag("HIRNOK_PRIVATE_RELAYS")
PROXIES = env.number("HIRNOK_PROXIES")
SECOND_FACTOR = env.flag("HIRNOK_SECOND_FACTOR")  # what holds for a tenant that has set nothing

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "hirnok.tenants",
    "hirnok.register",
    "hirnok.ui",
    "hirnok.accounts",
    "hirnok.contacts",
    "hirnok.outbox",
    "hirnok.consent",
    "hirnok.returns",
    "hirnok.campaigns",
    "hirnok.privacy",
    "hirnok.rights",
    "hirnok.processing",
    "hirnok.breaches",
    "hirnok.site",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "template_partials.apps.SimpleAppConfig",
]

# The modules that say what personal data each package holds, and why (`register.declarations`).
DECLARING = [
    "hirnok.register.privacy",
    "hirnok.accounts.privacy",
    "hirnok.contacts.privacy",
    "hirnok.outbox.privacy",
    "hirnok.consent.privacy",
    "hirnok.returns.privacy",
    "hirnok.campaigns.privacy",
    "hirnok.privacy.privacy",
    "hirnok.rights.privacy",
    "hirnok.processing.privacy",
    "hirnok.breaches.privacy",
    "hirnok.site.privacy",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hirnok.ui.maintenance.MaintenanceMiddleware",
    "hirnok.ui.http.HttpMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hirnok.ui.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hirnok.accounts.presence.PresenceMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "hirnok.urls"
WSGI_APPLICATION = "hirnok.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hirnok.ui.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]
FORM_RENDERER = "hirnok.ui.forms.TablerRenderer"

_database = sql.parameters()
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname", "hirnok"),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "OPTIONS": _database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
# Used for the counters of sign-in attempts only.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_counter",
        "KEY_FUNCTION": "hirnok.accounts.counters.key",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# No rule about kinds of characters, digits alone included (ASVS 6.2.5).
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "hirnok.accounts.passwords.KnownPasswords"},
    {"NAME": "hirnok.accounts.passwords.NearWords"},
]
for _name, _validator in (
    ("HIRNOK_COMMON_PASSWORDS", "LocalPasswords"),
    ("HIRNOK_LEAKED_PASSWORDS", "LeakedPasswords"),
):
    if _path := env.get(_name):
        AUTH_PASSWORD_VALIDATORS.append(
            {"NAME": f"hirnok.accounts.passwords.{_validator}", "OPTIONS": {"path": _path}}
        )
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "site:home"
ACCOUNT_ADAPTER = "hirnok.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "hirnok.accounts.sign_in_forms.SignInForm",
    "reauthenticate": "hirnok.accounts.sign_in_forms.AgainForm",
    "change_password": "hirnok.accounts.sign_in_forms.ChangeForm",
    "set_password": "hirnok.accounts.sign_in_forms.SetForm",
    "reset_password": "hirnok.accounts.sign_in_forms.ResetForm",
    "reset_password_from_key": "hirnok.accounts.sign_in_forms.ByLinkForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # key: the address; codes of the second factor count too
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "change_email": "5/h/user",
    "reauthenticate": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

# Users are known by whoever runs the installation; nobody becomes one by signing in (accounts/oidc.py).
OIDC_ISSUER = env.get("HIRNOK_OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = env.get("HIRNOK_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.get("HIRNOK_OIDC_CLIENT_SECRET")
OIDC_NAME = env.get("HIRNOK_OIDC_NAME")
SOCIALACCOUNT_ADAPTER = "hirnok.accounts.oidc.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False

MFA_ADAPTER = "hirnok.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # addresses are given by the operator and proven by the password letter
)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_USER_VERIFICATION = (
    "required"  # so that a passkey is full proof by itself (ASVS 7.5.1)
)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not env.flag("HIRNOK_HTTPS")
MFA_FORMS = {
    "authenticate": "hirnok.accounts.factor_forms.CodeForm",
    "reauthenticate": "hirnok.accounts.factor_forms.CodeAgainForm",
    "activate_totp": "hirnok.accounts.factor_forms.AppForm",
    "add_webauthn": "hirnok.accounts.factor_forms.PasskeyForm",
    "edit_webauthn": "hirnok.accounts.factor_forms.PasskeyNameForm",
}

EMAIL_BACKEND = "hirnok.outbox.letters.LetterBackend"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
# The longest idle time that a tenant's policy may set; the default is 24 minutes (N7, accounts/presence.py).
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "hirnok.ui.failures.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

_https = env.flag("HIRNOK_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("hu", "Magyar"), ("ro", "Română")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # would put commas into ids; the filter `number` writes figures
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
STATIC_ROOT = env.var() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "hirnok.lib.logs.Formatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.get("HIRNOK_LOG_LEVEL")},
    "loggers": {"procrastinate": {"level": "WARNING"}},
}
