"""Marks a text for the translation catalogue without loading Django."""


def gettext_noop(message: str) -> str:
    """The message itself; `makemessages` finds the text by the name of this function."""
    return message
