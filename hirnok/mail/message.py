"""A compiled message: what the engine loads once and fills for every recipient.

Promises: `render` is a pure function of its arguments; the bytes have CRLF line ends, no line over 76
characters in the bodies, no dot at the beginning of a line, and no header that a value could break out of.
`dump` and `load` are JSON, made for storing in the database and reading in another process and version.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, Final

from minijinja import Environment, TemplateError

from hirnok.lib import tokens
from hirnok.mail import branches, merge, quoted
from hirnok.mail.merge import CannotRender
from hirnok.mail.person_names import full_name
from hirnok.mail.quoted import html_value, show, text_value

Slot = tuple[str | int, ...]

VERSION: Final = 1
PREVIEW: Final = "preview"  # stands for the token in the reader's links where there is no delivery
_SHORT: Final = 120  # characters of the values that are kept encoded, and how many of a field
_KEPT: Final = 1024
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}"
).fullmatch


@dataclass(frozen=True, slots=True)
class Fragment:
    """A template, and the slots whose values it gets encoded (as `_<number>`)."""

    source: str
    slots: tuple[int, ...]


@dataclass(slots=True)
class _Filling:
    """What one message is filled with."""

    contact: Mapping[str, Any]
    track: bytes
    leave: bytes
    date: bytes
    message_id: bytes
    scope: dict[str, Any] | None = None


@dataclass(frozen=True)
class Compiled:
    """A message with holes. Made by `hirnok.mail.compile.compile_message` or `load`."""

    statics: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    order: tuple[int, ...]
    fragments: tuple[Fragment, ...]
    subject: Fragment | str | tuple[Slot | str, ...]
    brand: Mapping[str, str]
    unsubscribe: str
    message: str
    _values: list[Callable[[_Filling], bytes]] = field(init=False, repr=False, compare=False)
    _whole: list[Callable[[_Filling], bytes]] = field(init=False, repr=False, compare=False)
    _pick: Callable[[list[bytes]], tuple[bytes, ...]] = field(init=False, repr=False, compare=False)
    _engine: Environment = field(init=False, repr=False, compare=False)
    _plain: Environment = field(init=False, repr=False, compare=False)
    _statics: list[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        engine, plain = merge.environment(), merge.environment(finalizer=show)
        for number, fragment in enumerate(self.fragments):
            engine.add_template(str(number), fragment.source)
        if isinstance(self.subject, Fragment):
            plain.add_template("subject", self.subject.source)
        object.__setattr__(self, "_engine", engine)
        object.__setattr__(self, "_plain", plain)
        object.__setattr__(self, "_statics", list(self.statics))
        object.__setattr__(self, "_values", [])
        self._values.extend(self._value(slot) for slot in self.slots)
        # Slots that only fragments use are filled by them.
        used = sorted({index for index in self.order if index >= len(self.statics)})
        places = {index: len(self.statics) + at for at, index in enumerate(used)}
        object.__setattr__(
            self, "_whole", [self._values[index - len(self.statics)] for index in used]
        )
        object.__setattr__(
            self, "_pick", itemgetter(*(places.get(index, index) for index in self.order))
        )

    def render(
        self, contact: Mapping[str, Any], *, track: str, leave: str, delivery_id: int, date: str
    ) -> bytes:
        """The whole message for one recipient, without the final dot of SMTP.

        `contact`: `email` (ASCII, see `addresses.normalise`), the other fields by key, as JSON values. `track`,
        `leave`: the recipient's tokens. `date`: see `compile.date_of`. Message-ID is made of `track`, or of
        `delivery_id` where there is none, so that a repeated delivery is the same message. Raises `CannotRender`.
        """
        filling = _Filling(
            contact,
            track.encode("ascii"),
            leave.encode("ascii"),
            date.encode("ascii"),
            (f"{track or delivery_id}{self.message}").encode("ascii"),
        )
        return b"".join(self._pick(self._statics + [value(filling) for value in self._whole]))

    @property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.message.rpartition("@")[2].removesuffix(">\r\n")

    @property
    def size(self) -> int:
        """Bytes of a message with empty fields. Gmail cuts what is longer than about 102,000 bytes of HTML."""
        return sum(len(self.statics[index]) for index in self.order if index < len(self.statics))

    def dump(self) -> bytes:
        """For `load`."""
        return json.dumps(
            {
                "version": VERSION,
                "statics": [static.decode("ascii") for static in self.statics],
                "slots": self.slots,
                "order": self.order,
                "fragments": [asdict(fragment) for fragment in self.fragments],
                "subject": asdict(self.subject)
                if isinstance(self.subject, Fragment)
                else self.subject,
                "brand": dict(self.brand),
                "unsubscribe": self.unsubscribe,
                "message": self.message,
            }
        ).encode("ascii")

    @classmethod
    def load(cls, data: bytes) -> "Compiled":
        """From the bytes of `dump`. Raises ValueError for another version."""
        stored = json.loads(data)
        if stored["version"] != VERSION:
            raise ValueError(f"compiled by another version: {stored['version']}")
        return cls(
            statics=tuple(static.encode("ascii") for static in stored["statics"]),
            slots=tuple(tuple(slot) for slot in stored["slots"]),
            order=tuple(stored["order"]),
            fragments=tuple(_fragment(fragment) for fragment in stored["fragments"]),
            subject=_subject(stored["subject"]),
            brand=stored["brand"],
            unsubscribe=stored["unsubscribe"],
            message=stored["message"],
        )

    def subject_for(self, contact: Mapping[str, Any]) -> str:
        """The subject for one recipient, as text. Raises `CannotRender`."""
        if isinstance(self.subject, str):
            return self.subject
        if isinstance(self.subject, tuple):
            return "".join(
                part if isinstance(part, str) else show(_field(contact, str(part[2]), str(part[3])))
                for part in self.subject
            )
        try:
            text: str = self._plain.render_template(
                "subject", **merge.scope(contact, self.brand, "", "")
            )
        except TemplateError as error:
            raise CannotRender(error.detail or error.message) from error
        return text

    def _value(self, slot: Slot) -> Callable[[_Filling], bytes]:
        encode = html_value if slot[1:2] == ("h",) else text_value
        match slot[0]:
            case "field":
                return _field_value(str(slot[2]), str(slot[3]), encode)
            case "fragment":
                number = int(slot[1])
                chosen = branches.choice(self.fragments[number].source, self._slot)
                return chosen or partial(self._fragment, number)
            case "subject":
                return lambda filling: quoted.unstructured(
                    "Subject", self.subject_for(filling.contact)
                )
            case "campaign_subject":
                return lambda filling: encode(self.subject_for(filling.contact))
            case "unsubscribe" | "preferences" as name:
                before = self.unsubscribe, f"{self.unsubscribe.removesuffix('u/')}p/"
                is_own = name == "preferences"
                return _own_url(before[is_own], "/" if is_own else "", encode)
        return _given(slot)

    def _slot(self, number: int) -> Callable[[_Filling], bytes]:
        """The value of a slot that a fragment uses."""
        if number < len(self._values):  # made before the fragment, as the compiler numbers them
            return self._values[number]
        return lambda filling: self._values[number](filling)

    def _own_urls(self, filling: _Filling) -> tuple[str, str]:
        """The reader's pages, `unsubscribe_url` and `preferences_url`: `/u/TOKEN` and `/p/TOKEN/`."""
        token = filling.leave.decode("ascii")
        return f"{self.unsubscribe}{token}", f"{self.unsubscribe.removesuffix('u/')}p/{token}/"

    def _fragment(self, number: int, filling: _Filling) -> bytes:
        if filling.scope is None:
            filling.scope = merge.scope(
                filling.contact,
                self.brand,
                self.subject_for(filling.contact),
                *self._own_urls(filling),
            )
        encoded = {
            f"_{slot}": self._values[slot](filling).decode("ascii")
            for slot in self.fragments[number].slots
        }
        try:
            text: str = self._engine.render_template(str(number), **filling.scope, **encoded)
        except TemplateError as error:
            raise CannotRender(error.detail or error.message) from error
        return text.encode("ascii")


_GIVEN: Final[Mapping[str | int, Callable[[_Filling], bytes]]] = {
    "track_piece": lambda filling: filling.track + b"=\r\n" if filling.track else b"",
    "leave": lambda filling: filling.leave,
    "leave_in_address": lambda filling: tokens.in_address(filling.leave.decode()).encode(),
    "date": lambda filling: filling.date,
    "message_id": lambda filling: filling.message_id,
}


def _given(slot: Slot) -> Callable[[_Filling], bytes]:
    if slot[0] == "to":  # with the brand's language, which messages compiled before had not
        language = str(slot[1]) if len(slot) > 1 else ""
        return lambda filling: _to(filling.contact, language)
    return _GIVEN[slot[0]]


def _field(contact: Mapping[str, Any], name: str, fallback: str) -> Any:
    value = contact.get(name)
    return fallback if value is None or value == "" else value


def _field_value(
    name: str, fallback: str, encode: Callable[[Any], bytes]
) -> Callable[[_Filling], bytes]:
    default = encode(fallback)
    known: dict[str, bytes] = {}  # the same towns and names come again and again

    def value(filling: _Filling) -> bytes:
        found = filling.contact.get(name)
        if type(found) is not str:
            return default if found is None else encode(found)
        ready = known.get(found)
        if ready is None:
            ready = encode(found) if found else default
            if len(found) <= _SHORT:
                if len(known) >= _KEPT:
                    known.clear()
                known[found] = ready
        return ready

    return value


def _own_url(
    prefix: str, ending: str, encode: Callable[[Any], bytes]
) -> Callable[[_Filling], bytes]:
    """The value of a page of the reader's own: nearly always a short address that nothing has to be done to."""
    sample = "x" * tokens.RECIPIENT_LENGTH
    before, after = prefix.encode("ascii", "replace"), f"{ending}=\r\n".encode("ascii")
    is_plain = encode(f"{prefix}{sample}{ending}") == before + sample.encode() + after

    def value(filling: _Filling) -> bytes:
        if is_plain and len(filling.leave) == tokens.RECIPIENT_LENGTH:
            return b"%b%b%b" % (before, filling.leave, after)
        return encode(f"{prefix}{filling.leave.decode('ascii')}{ending}")

    return value


_known_name: Final = lru_cache(_KEPT)(full_name)


def _to(contact: Mapping[str, Any], language: str) -> bytes:
    address = contact.get("email")
    if not isinstance(address, str) or not _ADDRESS(address):
        raise CannotRender("the address is not fit for a header")
    first, last, own = contact.get("first_name"), contact.get("last_name"), contact.get("language")
    return quoted.mailbox("To", _known_name(show(first), show(last), show(own), language), address)


def _fragment(stored: Mapping[str, Any]) -> Fragment:
    return Fragment(stored["source"], tuple(stored["slots"]))


def _subject(stored: Any) -> Fragment | str | tuple[Slot | str, ...]:
    if isinstance(stored, str):
        return stored
    if isinstance(stored, dict):
        return _fragment(stored)
    return tuple(part if isinstance(part, str) else tuple(part) for part in stored)
