"""Pictures made on the server: the QR code of the second factor."""

import segno


def qr_code(text: str) -> str:
    """Return a QR code as a data address for an <img>; dark on light whatever the theme, so that cameras read it."""
    return segno.make(text, error="m").svg_data_uri(scale=5, border=2, dark="#16202e", light="#ffffff")
