"""In which order the parts of a person's name are written."""

from typing import Final

FAMILY_NAME_FIRST: Final = frozenset({"hu", "ja", "zh", "ko", "vi"})


def full_name(first: str, last: str, *languages: str) -> str:
    """Return both names in the order of the first language given that is not empty: the person's, else the brand's.

    Languages are codes such as "hu" or "hu-HU". Without any the given name comes first.
    """
    language = next(filter(None, languages), "")
    pair = (last, first) if language[:2] in FAMILY_NAME_FIRST else (first, last)
    return " ".join(filter(None, pair))
