"""What a browser says it is, in a few words, for the list of one's sessions; pure."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """Return the name of the browser, "" when it is not known."""
    return next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")


def system(user_agent: str) -> str:
    """Return the name of the operating system, "" when it is not known."""
    return next((name for mark, name in _SYSTEMS if mark in user_agent), "")
