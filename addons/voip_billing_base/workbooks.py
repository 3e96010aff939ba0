"""What workbooks have in common that people read and print. No Odoo here."""

from textwrap import wrap

_LINE_POINTS = 15
# Excel's rows end at 409 points.
_MOST_LINES = 20
# Bold letters are wider than those that the width of a column counts.
_BOLD = 2


def head_height(heads):
    """Height of a row of heads that wrap, so that no line of them is cut.

    A program finds the height of wrapped text only once somebody changes it.

    :param heads: (text, width of its column in characters) of each
    :return: points
    """
    lines = [len(wrap(text, max(1, width - _BOLD))) for text, width in heads]
    return _LINE_POINTS * min(max(lines, default=1) or 1, _MOST_LINES)
