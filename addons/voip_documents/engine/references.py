"""References of formulas after rows were repeated."""

import re

from openpyxl.formula import Tokenizer

from .faults import Fault

# What reaches outside the workbook.
REACHING = re.compile(
    r"\b(WEBSERVICE|HYPERLINK|FILTERXML|IMAGE|RTD|CALL|REGISTER|EXEC|DDE)\s*\(|\||\[",
    re.IGNORECASE,
)
CELL = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
TRANSFORM = re.compile(r"^(?:'[^']*'|\w+)!")


def refuse_reaching(formula, place):
    """:raises Fault: an author's formula fetches or starts something"""
    if REACHING.search(formula):
        raise Fault(f"{place}: the formula reaches outside the workbook")


def moved_formula(formula, block, shift, spans):
    """``formula`` with its rows where they are now.

    :param block: (first, line, last) rows of the template that repeat
    :param shift: by how much the rows below moved
    :param spans: {row of the template: (first, last) row of its copies}
    """
    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type == "OPERAND" and token.subtype == "RANGE":
            if not TRANSFORM.match(token.value):
                token.value = _moved(token.value, block, shift, spans)
    return tokens.render()


def _moved(reference, block, shift, spans):
    first, _line, last = block
    start, colon, end = reference.partition(":")

    def row_of(text, index):
        def replaced(match):
            row = int(match[2])
            if row > last:
                row += shift
            elif row >= first:
                row = spans.get(row, (row, row))[index]
            return f"{match[1]}{row}"

        return CELL.sub(replaced, text)

    if colon:
        return f"{row_of(start, 0)}:{row_of(end, 1)}"
    low, high = row_of(start, 0), row_of(start, 1)
    return low if low == high else f"{low}:{high}"
