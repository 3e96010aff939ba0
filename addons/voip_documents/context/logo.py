"""The company's logo as a picture that engines take."""

from base64 import b64decode, b64encode
from functools import lru_cache
from io import BytesIO

from PIL import Image

LARGEST = (640, 240)


def logo_url(logo):
    """``logo`` (base64) as a small PNG in a ``data:`` URL; "" of none or of SVG."""
    return _converted(bytes(logo)) if logo else ""


@lru_cache(maxsize=32)
def _converted(logo):
    try:
        with Image.open(BytesIO(b64decode(logo))) as image:
            if image.width * image.height > 40_000_000:
                return ""
            picture = image.convert("RGBA")
    except Exception:  # Pillow raises many kinds for what it cannot read
        return ""
    picture.thumbnail(LARGEST)
    stream = BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + b64encode(stream.getvalue()).decode()
