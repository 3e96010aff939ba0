"""References of formulas after rows were repeated."""

import re

from openpyxl.formula import Tokenizer

from .faults import Fault

# What reaches outside the workbook.
REACHING = re.compile(
    r"\b(WEBSERVICE|HYPERLINK|FILTERXML|IMAGE|RTD|CALL|REGISTER(\.ID)?|EXEC|DDE|PY"
    r"|IMPORT(XML|DATA|FEED|HTML|RANGE)|SQL\.REQUEST|STOCKHISTORY|CUBE\w+|TRANSLATE"
    r"|DETECTLANGUAGE|GOOGLE(FINANCE|TRANSLATE)|EVALUATE|COPILOT)\s*\(|\||\[",
    re.IGNORECASE,
)
CELL = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
TRANSFORM = re.compile(r"^(?:'[^']*'|\w+)!")


def refuse_reaching(formula, place):
    """:raises Fault: an author's formula fetches or starts something"""
    if REACHING.search(formula):
        raise Fault(f"{place}: the formula reaches outside the workbook")


def refuse_book(book):
    """Look at each formula and link as a spreadsheet program reads it.

    :param book: a workbook of openpyxl
    :raises Fault: one fetches or starts something
    """
    for name, defined in book.defined_names.items():
        refuse_reaching(defined.attr_text or "", f"name {name}")
    for sheet in book.worksheets:
        for place, formula in _formulas_of(sheet):
            refuse_reaching(formula, f"{sheet.title}!{place}")


def _formulas_of(sheet):
    """(place, text) of all formulas of a sheet: cells, rules, tables, names."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                yield cell.coordinate, str(getattr(cell.value, "text", cell.value))
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield from ((area.sqref, text) for text in rule.formula)
    for rule in sheet.data_validations.dataValidation:
        yield from ((rule.sqref, text or "") for text in (rule.formula1, rule.formula2))
    for name, defined in sheet.defined_names.items():
        yield name, defined.attr_text or ""
    for table in sheet.tables.values():
        yield from ((table.ref, text) for text in _formulas_of_table(table))


def _formulas_of_table(table):
    for column in table.tableColumns:
        for made in (column.calculatedColumnFormula, column.totalsRowFormula):
            yield (made and made.attr_text) or ""


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
