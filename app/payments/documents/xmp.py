"""What a PDF says of itself, with a sentence more: that the XML inside is a bill that software can read (Factur-X).

The compiler puts the XML in, but does not know these words. They are added to its own, which stay: the document is
still PDF/A-3a, and tagged. Nothing of the moment goes in, so that the same document gives the same bytes.
"""

from io import BytesIO
from typing import Final

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from app.payments.documents.factur_x import FILE

_SPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_SAID: Final = {
    "DocumentType": ("INVOICE", "The type of the document"),
    "DocumentFileName": (FILE, "The name of the embedded XML file"),
    "Version": ("1.0", "The version of the schema of the embedded XML"),
    "ConformanceLevel": ("EN 16931", "The profile of the embedded XML"),
}
_SCHEMAS: Final = "<pdfaExtension:schemas><rdf:Bag>"
_END: Final = "</rdf:RDF>"


def tell_factur_x(pdf: bytes) -> bytes:
    """Add to what a PDF/A-3 of ours says of itself that it is Factur-X."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    told = writer.root_object["/Metadata"].get_object()
    if not isinstance(told, StreamObject) or told.indirect_reference is None:
        raise TypeError("this PDF says nothing of itself")
    words = told.get_data().decode()
    if words.count(_SCHEMAS) != 1 or words.count(_END) != 1:
        raise ValueError("what this PDF says of itself is not as the compiler writes it")
    added = StreamObject()
    added[NameObject("/Type")], added[NameObject("/Subtype")] = NameObject("/Metadata"), NameObject("/XML")
    added.set_data(
        words.replace(_SCHEMAS, _SCHEMAS + _schema()).replace(_END, _description() + _END).encode()
    )
    writer._replace_object(told.indirect_reference, added)  # noqa: SLF001  # there is no other way to
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _schema() -> str:
    """Declare the words: PDF/A lets nothing in that is not."""
    properties = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        for name, (_, meaning) in _SAID.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _description() -> str:
    words = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _SAID.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{_SPACE}">{words}</rdf:Description>'
