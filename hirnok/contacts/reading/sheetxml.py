"""XML parts of a spreadsheet, read safely: no entities, no DTD, no network, bounded, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import IO, cast
from zipfile import ZipFile

from lxml import etree

from hirnok.contacts.reading import archive as archives
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits

_SMALL_PART = 32 << 20
_LONGEST_ROW = 8 << 20  # bytes of XML; each element of a row costs far more in memory


def local(element: etree._Element) -> str:
    """The name without its namespace; no name of ours for comments."""
    return str(element.tag).rpartition("}")[2]


def tree(archive: ZipFile, part: str, limits: Limits) -> etree._Element:
    """A small part as a whole."""
    if archive.getinfo(part).file_size > _SMALL_PART:
        raise Problem("zip_bomb")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    with closing(archives.part(archive, part, limits)) as stream:
        try:
            return etree.parse(cast("IO[bytes]", stream), parser).getroot()
        except etree.XMLSyntaxError as error:
            raise Problem("broken_workbook", where=part) from error


def elements(
    archive: ZipFile, part: str, name: str, limits: Limits, *, within: str
) -> Iterator[etree._Element]:
    """Each element called `name`, whole, then forgotten; ends with the element called `within`.

    What stands behind (links, conditional formats, merged cells) is never read.
    """
    for _, element in events(archive, part, (name, within), limits, kinds=("end",)):
        if local(element) == within:
            return
        yield element
        forget(element)


def events(
    archive: ZipFile, part: str, names: tuple[str, ...], limits: Limits, *, kinds: tuple[str, ...]
) -> Iterator[tuple[str, etree._Element]]:
    """Parser events of the named elements. No single stretch between two of them may be long."""
    with closing(archives.part(archive, part, limits)) as stream:
        stream.longest_stretch = _LONGEST_ROW
        try:
            for event in etree.iterparse(
                stream,
                events=kinds,
                tag=tuple(f"{{*}}{name}" for name in names),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            ):
                stream.stretch = 0
                yield event
        except etree.XMLSyntaxError as error:
            raise Problem("broken_workbook", where=part) from error


def forget(element: etree._Element) -> None:
    """Frees an element that was read and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
