"""The HTML of a document, checked and written anew before an engine sees it.

Engines read a tree of known elements that lxml wrote, not what the template made, so
that no difference between parsers lets anything by.
"""

import re

from lxml import etree, html

from .check_css import check_style
from .check_image import check_image_url
from .faults import Fault, line_of

MAX_HTML, MAX_DEPTH, MAX_ELEMENTS, MAX_ROWS = 4_000_000, 60, 150_000, 20_000
MAX_SPAN, MAX_IMAGES, MAX_IMAGE_PIXELS = 60, 40, 16_000_000
# Cells, and columns, that are spanned together: engines keep a place for each.
MAX_SPANNED = 200_000
MAX_WORD = 5_000
ELEMENTS = frozenset(
    "html head title style meta body div p span table caption colgroup col thead tbody"
    " tfoot tr th td img h1 h2 h3 h4 h5 h6 ul ol li dl dt dd b i strong em small u s"
    " sub sup br hr a header footer main nav section article aside address figure"
    " figcaption blockquote pre code bdi bdo time abbr mark center font wbr".split()
)
ATTRIBUTES = frozenset(
    "class id style lang dir title align valign width height colspan rowspan span alt"
    " cellpadding cellspacing border bgcolor color size face scope start type value"
    " href src charset name content datetime nowrap headers".split()
)
LINKS = ("https://", "http://", "mailto:", "tel:", "#")
META = frozenset(("author", "description", "keywords", "viewport", ""))
SPANS = ("colspan", "rowspan", "span")
DIGITS = re.compile(r"[0-9]{1,4}")
SIZE = re.compile(r"[+-]?[0-9]{1,2}")
NUMBER = re.compile(r"-?[0-9]{1,6}")
WHOLE = re.compile(r"[0-9]{1,4}%?")


def checked(source, template=""):
    """``source`` as HTML that engines may see.

    :param template: what it was made from, to tell the line of an error
    :raises Fault: naming what is refused
    """
    if len(source) > MAX_HTML:
        raise Fault(f"a document has at most {MAX_HTML} characters")
    if "\x00" in source:
        raise Fault("a document has no NUL")
    root = _parsed(source)
    counts = {"elements": 0, "tr": 0, "img": 0, "pixels": 0, "spanned": 0}
    _check_tree(root, counts, template)
    text = etree.tostring(root, encoding="unicode", method="html")
    return "<!DOCTYPE html>\n" + text


def _parsed(source):
    parser = html.HTMLParser(
        remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    if not source.strip():
        raise Fault("the template makes an empty document")
    try:
        return html.document_fromstring(source, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise Fault(f"the document cannot be read: {error}") from None


def _check_tree(root, counts, template):
    """Walk without recursion: depth is what is measured."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        counts["elements"] += 1
        if depth > MAX_DEPTH:
            raise Fault(f"elements are nested at most {MAX_DEPTH} deep")
        if counts["elements"] > MAX_ELEMENTS:
            raise Fault(f"a document has at most {MAX_ELEMENTS} elements")
        try:
            _check_element(element, counts)
        except Fault as fault:
            raise Fault(fault.reason, line_of(template, _needle(element))) from None


def _needle(element):
    """What to look for in a template: a refused element's start."""
    values = [value for value in element.attrib.values() if len(value) > 3]
    tag = element.tag if isinstance(element.tag, str) else ""
    return (values[0][:40] if values and tag in ELEMENTS else "") or f"<{tag}"


def _check_element(element, counts):
    tag = element.tag
    if not isinstance(tag, str) or tag not in ELEMENTS:
        raise Fault(f"<{str(tag)[:30]}> is not allowed")
    counts["tr"] += tag == "tr"
    if counts["tr"] > MAX_ROWS:
        raise Fault(f"a document has at most {MAX_ROWS} rows of tables")
    for name, value in element.attrib.items():
        _count_images(_check_attribute(tag, name, value), counts)
    if any(name in element.attrib for name in SPANS):
        _count_spanned(element, counts)
    if tag == "style":
        _count_images(check_style(element.text or ""), counts)
        return
    for text in (element.text, element.tail):
        if text and len(text) > MAX_WORD and _longest(text) > MAX_WORD:
            raise Fault(f"a word has at most {MAX_WORD} characters")


def _longest(text):
    return max(map(len, text.split()), default=0)


def _count_spanned(element, counts):
    across, down, columns = (int(element.get(name, 1)) for name in SPANS)
    counts["spanned"] += across * down * columns
    if counts["spanned"] > MAX_SPANNED:
        raise Fault(f"cells of tables span at most {MAX_SPANNED} cells together")


def _count_images(images, counts):
    """Count ``images``, the pixels of each, wherever in the document they are."""
    counts["img"] += len(images)
    counts["pixels"] += sum(images)
    if counts["img"] > MAX_IMAGES:
        raise Fault(f"a document has at most {MAX_IMAGES} images")
    if counts["pixels"] > MAX_IMAGE_PIXELS:
        raise Fault(f"images have at most {MAX_IMAGE_PIXELS} pixels together")


def _check_attribute(tag, name, value):
    """Pixels of each image that an attribute names, as a list."""
    if name not in ATTRIBUTES and not name.startswith(("data-", "aria-")):
        raise Fault(f"attribute {name[:30]} of <{tag}> is not allowed")
    return CHECKS[name](tag, name, value) or [] if name in CHECKS else []


def _check_source(tag, name, value):
    if tag != "img":
        raise Fault(f"attribute src of <{tag}> is not allowed")
    return [check_image_url(value)]


def _check_inline(tag, name, value):
    return check_style(value, inline=True)


def _check_link(tag, name, value):
    if tag != "a" or not value.strip().lower().startswith(LINKS):
        raise Fault(f"a link is https:, mailto: or tel:, not {value[:40]!r}")


def _check_span(tag, name, value):
    if not DIGITS.fullmatch(value) or not 1 <= int(value) <= MAX_SPAN:
        raise Fault(f"{name} is 1 to {MAX_SPAN}")


def _check_length(tag, name, value):
    if not WHOLE.fullmatch(value.strip().removesuffix("px")):
        raise Fault(f"{name} is a whole number or a percentage")


def _check_number(tag, name, value):
    if not NUMBER.fullmatch(value.strip()):
        raise Fault(f"{name} is a whole number of at most 6 digits")


def _check_size(tag, name, value):
    if not SIZE.fullmatch(value.strip()):
        raise Fault(f"{name} is a whole number of at most 2 digits")


def _check_meta(tag, name, value):
    if tag == "meta" and value.lower() not in META:
        raise Fault(f"<meta name={value[:30]!r}> is not allowed")


CHECKS = {
    "src": _check_source,
    "style": _check_inline,
    "href": _check_link,
    "name": _check_meta,
    "size": _check_size,
    **dict.fromkeys(("start", "value"), _check_number),
    **dict.fromkeys(SPANS, _check_span),
    **dict.fromkeys(
        ("width", "height", "border", "cellpadding", "cellspacing"), _check_length
    ),
}
