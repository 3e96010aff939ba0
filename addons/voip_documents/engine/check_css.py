"""What style sheets may say before an engine sees them."""

import tinycss2

from .check_image import check_image_url
from .faults import Fault

MAX_CSS = 200_000
MAX_NUMBER = 20_000
MAX_DEPTH = 8
# Of one declaration or list of selectors; of a text that content repeats.
MAX_VALUES, MAX_TEXT = 2_000, 2_000
FETCHING = {"url", "src", "image", "image-set", "-webkit-image-set", "element", "attr"}
REFUSED_RULES = {"import", "font-face", "namespace", "charset", "color-profile"}


def check_style(text, inline=False):
    """What a style sheet, or a style, says.

    :return: list of the pixels of each of its images
    :raises Fault: the style fetches, counts too far, or is nested too deeply
    """
    images = []
    if len(text) > MAX_CSS:
        raise Fault(f"styles have at most {MAX_CSS} characters")
    if "<" in text:
        raise Fault("a style has no <")
    if inline:
        _check_tokens(tinycss2.parse_component_value_list(text), 0, images)
        return images
    for rule in tinycss2.parse_stylesheet(text, True, True):
        if rule.type == "at-rule" and rule.lower_at_keyword in REFUSED_RULES:
            raise Fault(f"@{rule.lower_at_keyword} is not allowed")
        if rule.type == "error":
            raise Fault(f"style: {rule.message}")
        _check_tokens(rule.prelude, 0, images)
        _check_tokens(rule.content or (), 0, images)
    return images


def _check_tokens(tokens, depth, images):
    if depth > MAX_DEPTH:
        raise Fault(f"styles are nested at most {MAX_DEPTH} deep")
    custom, values = False, 0
    for token in tokens:
        kind = token.type
        values += kind not in ("whitespace", "comment")
        if values > MAX_VALUES:
            raise Fault(f"a declaration in a style has at most {MAX_VALUES} values")
        if kind == "ident" and token.value.startswith("--"):
            custom = True
        elif kind == "literal" and token.value == ";":
            custom, values = False, 0
        elif kind == "function":
            _check_function(token, custom, depth, images)
        elif kind.endswith("block"):
            _check_tokens(token.content, depth + 1, images)
            # A rule within a rule ends with its block.
            values = 0 if kind == "{} block" else values
        else:
            _check_plain(token, images)


def _check_plain(token, images):
    """A token that holds no others."""
    kind = token.type
    if kind == "at-keyword" and token.lower_value in REFUSED_RULES:
        raise Fault(f"@{token.lower_value} is not allowed")
    if kind == "string" and len(token.value) > MAX_TEXT:
        raise Fault(f"a text in a style has at most {MAX_TEXT} characters")
    if kind == "url":
        images.append(check_image_url(token.value))
    if kind in ("number", "dimension", "percentage") and abs(token.value) > MAX_NUMBER:
        raise Fault(f"a number in a style is at most {MAX_NUMBER}")


def _check_function(token, custom, depth, images):
    name = token.lower_name
    if custom and name == "var":
        raise Fault("a variable of a style is not made of variables")
    if name == "element" and _is_running(token):
        return
    if name in FETCHING:
        texts = [each.value for each in token.arguments if each.type == "string"]
        if name != "url" or not texts:
            raise Fault(f"{name}() is not allowed in styles")
        images += map(check_image_url, texts)
        return
    _check_tokens(token.arguments, depth + 1, images)


def _is_running(token):
    """Whether ``element()`` names a running element of the document itself, as in
    ``element(head)``; ``element(#id)`` is a picture of another one.
    """
    kinds = {each.type for each in token.arguments}
    return "ident" in kinds and kinds <= {"ident", "whitespace"}
