"""XML parts of a spreadsheet, read safely: no entities, no DTD, no network, bounded, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from zipfile import ZipFile

from lxml import etree

from hirnok.contacts.reading import archive as archives
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits

_SMALL_PART = 32 << 20


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
            return etree.parse(stream, parser).getroot()
        except etree.XMLSyntaxError as error:
            raise Problem("broken_workbook", where=part) from error


def elements(archive: ZipFile, part: str, name: str, limits: Limits) -> Iterator[etree._Element]:
    """Each element called `name`, whole, then forgotten."""
    with closing(archives.part(archive, part, limits)) as stream:
        try:
            events = etree.iterparse(
                stream,
                events=("end",),
                tag=(f"{{*}}{name}", name),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            )
            for _, element in events:
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
        except etree.XMLSyntaxError as error:
            raise Problem("broken_workbook", where=part) from error
