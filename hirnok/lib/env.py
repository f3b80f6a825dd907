"""Every setting that Hirnok reads from the environment, in one table.

`SETTINGS` is the table; `docs/settings.md` is held against it by a test. `get(name)` reads one.
Nothing else in the project reads `os.environ` for configuration.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Setting:
    """One variable: its name, what holds when it is not set, and what it means."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATABASE_URL", "", "PostgreSQL 15 or newer, as the owning role; empty: the embedded one"
    ),
    Setting("HIRNOK_ROLE", "web", "Database role of this process: web, edge or owner"),
    Setting("HIRNOK_VAR", "", "Folder for data, keys and logs; empty: var/ in the checkout"),
    Setting(
        "HIRNOK_SECRET_KEY", "", "Installation secret; empty: made at first start in var/secret.key"
    ),
    Setting(
        "HIRNOK_OLD_SECRET_KEYS", "", "Earlier installation secrets, the newest first, by space"
    ),
    Setting(
        "HIRNOK_BACKUP_DIR", "", "Folder for the daily encrypted backup of the worker; empty: none"
    ),
    Setting("HIRNOK_DEBUG", "0", "1 shows error details; never on a public host"),
    Setting(
        "HIRNOK_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "Host names the web process answers to, by comma",
    ),
    Setting(
        "HIRNOK_HTTPS", "0", "1 behind a TLS proxy: secure cookies, HSTS, X-Forwarded-Proto is read"
    ),
    Setting(
        "HIRNOK_PUBLIC_URL",
        "http://localhost:8000",
        "Base URL of the web process as readers reach it",
    ),
    Setting(
        "HIRNOK_TRACKER_URL", "http://localhost:8001", "Base URL of the tracker as readers reach it"
    ),
    Setting("HIRNOK_BIND", "127.0.0.1", "Address the web process, tracker and sandbox listen on"),
    Setting("HIRNOK_WEB_PORT", "8000", "Port of the web process"),
    Setting("HIRNOK_TRACKER_PORT", "8001", "Port of the tracker"),
    Setting("HIRNOK_SANDBOX_SMTP_PORT", "8025", "SMTP port of the mail sandbox"),
    Setting("HIRNOK_SANDBOX_WEB_PORT", "8026", "Port of the mail sandbox's pages"),
    Setting(
        "HIRNOK_RECEIVER_SMTP_PORT",
        "",
        "SMTP port on which mail that comes back is taken; empty: none",
    ),
    Setting(
        "HIRNOK_RECEIVER_LMTP_PORT", "", "The same over LMTP, behind a mail server of your own"
    ),
    Setting("HIRNOK_RECEIVER_BIND", "127.0.0.1", "Address the receiver listens on"),
    Setting("HIRNOK_RECEIVER_CERTIFICATE", "", "PEM file with which it offers STARTTLS"),
    Setting("HIRNOK_RECEIVER_KEY", "", "PEM file of the key; empty: in the certificate's file"),
    Setting("HIRNOK_RECEIVER_MB", "10", "Largest mail it takes, in MB"),
    Setting(
        "HIRNOK_PROXIES", "0", "How many proxies stand before web and tracker (X-Forwarded-For)"
    ),
    Setting("HIRNOK_PRIVATE_RELAYS", "0", "1 lets relays be on private and loopback addresses"),
    Setting(
        "HIRNOK_RESOLVER",
        "",
        "Name server for questions about mail domains, address:port; empty: the system's",
    ),
    Setting("HIRNOK_RSPAMD", "", "URL of an rspamd worker that the doctor asks, http://host:11333"),
    Setting("HIRNOK_SPAMD", "", "SpamAssassin's spamd that the doctor asks, address:port"),
    Setting(
        "HIRNOK_COMMON_PASSWORDS",
        "",
        "File with further passwords that are refused, one a line, in small letters",
    ),
    Setting(
        "HIRNOK_OIDC_ISSUER",
        "",
        "OpenID provider by which people may sign in, https://login.example.hu; empty: none",
    ),
    Setting("HIRNOK_OIDC_CLIENT_ID", "", "Client ID that the OpenID provider gave to Hirnok"),
    Setting(
        "HIRNOK_OIDC_CLIENT_SECRET", "", "Client secret that the OpenID provider gave to Hirnok"
    ),
    Setting("HIRNOK_OIDC_NAME", "OpenID", "Name of the OpenID provider on the sign-in page"),
    Setting(
        "HIRNOK_LEAKED_PASSWORDS",
        "",
        "File with SHA-1 sums of leaked passwords, ascending, one a line (Have I Been Pwned's form)",
    ),
    Setting(
        "HIRNOK_SECOND_FACTOR",
        "1",
        "1 asks the people of every tenant that has not decided otherwise for a second factor",
    ),
    Setting(
        "HIRNOK_LEASE",
        "30",
        "Seconds after which the work of an engine that died is taken up by another",
    ),
    Setting(
        "HIRNOK_LONGEST_PAUSE",
        "30",
        "Most seconds before `hirnok up` starts a process again that keeps ending",
    ),
    Setting("HIRNOK_IMPORT_MB", "500", "Largest file that can be imported, in MB"),
    Setting(
        "HIRNOK_BREACH_REMINDERS",
        "24 48 60 70",
        "Hours after which an open breach is reminded of, until its 72 hours are over",
    ),
    Setting("HIRNOK_EVIDENCE_MB", "20", "Largest file of evidence about a breach, in MB"),
    Setting("HIRNOK_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def get(name: str) -> str:
    """Return the value of a setting of the table; KeyError for a name that is not in it."""
    return os.environ.get(name) or _BY_NAME[name].default


def flag(name: str) -> bool:
    """Whether a 0/1 setting is on."""
    return get(name).strip().lower() in {"1", "true", "yes", "on"}


def number(name: str) -> int:
    """Return an integer setting; ValueError names the variable."""
    try:
        return int(get(name))
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number") from error


def var() -> Path:
    """Return the data folder (it may not exist yet)."""
    return Path(get("HIRNOK_VAR") or ROOT / "var").absolute()
