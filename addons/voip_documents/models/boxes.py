"""Letters that no font of the machine has: they are printed as boxes."""

import json

from ..engine import fonts


def missing_scripts(body, data):
    """Scripts of a template and its data that no font has, by their names in Unicode.

    :param body: text of the template
    :param data: what the document is made of
    :return: sorted list, empty where every letter has a font
    """
    return fonts.without_glyphs(f"{body or ''} {json.dumps(data, ensure_ascii=False)}")


def boxes_text(env, scripts):
    """A sentence for people about ``scripts``, a text; False without any."""
    return bool(scripts) and env._(
        "No font on this machine has letters of %s: they are printed as boxes. "
        "Install a package of fonts that has them, e.g. fonts-noto-core or "
        "fonts-noto-cjk, and start Odoo again.",
        scripts,
    )
