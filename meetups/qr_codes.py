"""The QR code of an address, to print."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(url: str) -> SafeString:
    """Return the QR code of a URL as inline SVG without inline styles; CSS sets the size."""
    svg: str = segno.make(url, error="m", micro=False).svg_inline(
        omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  segno encodes the URL in the modules only, never as text
