"""PDFs of our own making for the tests: lines of text one below the other, in one font."""

from __future__ import annotations

import zlib
from collections.abc import Sequence


def pdf_of(
    pages: Sequence[Sequence[str]], *, margin: Sequence[str] = (), picture: bool = False
) -> bytes:
    """A PDF with these lines; an empty line is half a line of space; ``margin`` stands left."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    catalog, tree, font = (
        add(b""),
        add(b""),
        add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
    )
    image = 0
    if picture:
        grey = zlib.compress(bytes(64))
        image = add(_stream(b"/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray"
                            b"/BitsPerComponent 8/Filter/FlateDecode", grey))  # fmt: skip
    kids = []
    for lines in pages:
        content = add(_stream(b"", _drawn(lines, margin, picture)))
        pictures = b"/XObject<</I %d 0 R>>" % image if image else b""
        kids.append(add(
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F %d 0 R>>%s>>"
            b"/Contents %d 0 R>>" % (tree, font, pictures, content)
        ))  # fmt: skip
    objects[catalog - 1] = b"<</Type/Catalog/Pages %d 0 R>>" % tree
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[tree - 1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), refs)
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """A PDF file of these objects; the first is the catalogue."""
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(data)


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def _drawn(lines: Sequence[str], margin: Sequence[str], picture: bool) -> bytes:
    drawn = [b"q 500 0 0 700 40 60 cm /I Do Q"] if picture else []
    height = 800.0
    numbers = iter(margin)
    for line in lines:
        if not line:
            height -= 12
            continue
        if margin:
            drawn.append(b"BT /F 8 Tf 20 %.1f Td (%s) Tj ET" % (height, next(numbers).encode()))
        shown = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
        drawn.append(b"BT /F 11 Tf 60 %.1f Td (%s) Tj ET" % (height, shown))
        height -= 14
    return b"\n".join(drawn)
