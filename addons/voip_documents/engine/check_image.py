"""Images that a document holds: small pictures of known kinds, inside the document."""

import binascii
from base64 import b64decode
from io import BytesIO

from PIL import Image

from .faults import Fault

KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF"}
MAX_BYTES, MAX_PIXELS, MAX_SIDE = 2_000_000, 8_000_000, 8_000


def check_image_url(url):
    """Refuse a URL that is no picture; return its pixels.

    :raises Fault: it is not a ``data:`` URL of a PNG, JPEG or GIF within the limits
    """
    head, comma, body = url.strip().partition(",")
    scheme, _colon, kind = head.partition(":")
    if scheme.lower() != "data" or not comma:
        raise Fault(
            "images come as data: URLs, from the logo or the images of the data, not "
            f"from {url.strip()[:60]!r}"
        )
    media, *options = kind.lower().split(";")
    if media not in KINDS or options != ["base64"]:
        raise Fault(f"an image is PNG, JPEG or GIF in base64, not {kind[:40]!r}")
    try:
        content = b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Fault("an image's base64 is broken") from None
    return check_image(content, KINDS[media])


def check_image(content, kind):
    """Pixels of an image of ``kind``.

    :raises Fault: too large, or not what it says
    """
    if len(content) > MAX_BYTES:
        raise Fault(f"an image has at most {MAX_BYTES} bytes")
    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            width, height = image.size
    except Exception:  # Pillow raises many kinds for what is no image
        raise Fault(f"an image is not {kind}") from None
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Fault(
            f"an image of {width} × {height} is too large: {MAX_PIXELS} pixels at most"
        )
    return width * height
