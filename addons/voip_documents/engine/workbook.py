"""An uploaded workbook, filled: ``{{ }}`` cells, named cells, repeated rows.

A row with ``{{ line.`` is repeated for each line. Rows with ``{{ section.`` straight
above and below it stand once for each section, around its lines: heading and subtotal.
Formulas, styles, widths and heights of the workbook stay; formulas that name the
repeated row name all its copies.
"""

import re
from contextlib import suppress
from copy import copy
from datetime import date
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.styles.numbers import is_date_format

from . import exact
from .cells import cell_text
from .faults import Fault
from .liquid_limits import one_document
from .liquid_text import render
from .references import moved_formula, refuse_book
from .table import value_of
from .workbook_file import checked_file, same_bytes, saved

MARK = re.compile(r"\{\{|\{%")
LINE = re.compile(r"\{\{-?\s*line\.|\{%.*\bline\.")
SECTION = re.compile(r"\{\{-?\s*section\.|\{%.*\bsection\.")
NAMED = "doc_"
MAX_CELLS, MAX_OUT_ROWS = 20_000, 50_000


def fill(content, data, made_at):
    """``content`` with the values of ``data``.

    :raises Fault: naming sheet and cell
    """
    book = _loaded(content)
    with one_document():
        for sheet in book.worksheets:
            _fill_sheet(sheet, data)
    for name, cell, path in _named_cells(book):
        _put(cell, value_of(data, path), f"name {name}")
    return same_bytes(saved(book), made_at)


def inspect(content, data):
    """What was found in a workbook: list of [place, text, value or reason, fits]."""
    book, found = _loaded(content), []
    first = _example(data)
    with one_document():
        for sheet in book.worksheets:
            for cell in _marked(sheet):
                place = f"{sheet.title}!{cell.coordinate}"
                found.append([place, cell.value, *_tried(cell.value, first)])
    for name, _cell, path in _named_cells(book):
        try:
            found.append([name, path, str(value_of(data, path)), True])
        except Fault as fault:
            found.append([name, path, fault.reason, False])
    return found


def _example(data):
    sections = data.get("sections") or [{}]
    lines = data.get("lines") or [{}]
    return {**data, "section": sections[0], "line": lines[0]}


def _tried(text, data):
    try:
        return render(text, data, escape=False), True
    except Fault as fault:
        return fault.reason, False


def _loaded(content):
    checked_file(content)
    try:
        book = load_workbook(BytesIO(content), keep_links=False, keep_vba=False)
    except Exception as error:  # openpyxl raises many kinds for damaged files
        raise Fault(f"the workbook cannot be read: {str(error)[:100]}") from None
    cells = sum(sheet.max_row * sheet.max_column for sheet in book.worksheets)
    if cells > MAX_CELLS * 10:
        raise Fault("the workbook is too large for a template")
    refuse_book(book)
    return book


def _marked(sheet):
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and MARK.search(cell.value):
                yield cell


def _named_cells(book):
    """(name, cell, path) of names that begin with ``doc_``."""
    for name, defined in book.defined_names.items():
        if not name.lower().startswith(NAMED):
            continue
        for title, place in defined.destinations:
            corner = place.replace("$", "").partition(":")[0]
            path = name[len(NAMED) :].replace(".", "_")
            yield name, book[title][corner], path.replace("__", ".")


def _fill_sheet(sheet, data):
    block = _block(sheet)
    if block:
        _repeat(sheet, block, data)
    for cell in list(_marked(sheet)):
        _render_cell(cell, data, f"{sheet.title}!{cell.coordinate}")


def _block(sheet):
    """(first, line, last) rows of what repeats; None without.

    :raises Fault: two rows of a sheet repeat
    """
    lines = sorted({c.row for c in _marked(sheet) if LINE.search(c.value)})
    sections = {c.row for c in _marked(sheet) if SECTION.search(c.value)}
    if not lines:
        return None
    if len(lines) > 1:
        raise Fault(f"{sheet.title}: one row repeats, here {len(lines)} have a line")
    first = last = lines[0]
    while first - 1 in sections:
        first -= 1
    while last + 1 in sections:
        last += 1
    return first, lines[0], last


def _plan(block, data):
    """(row of the template, its data) of each row to write."""
    first, line, last = block
    if first == last:
        return [(line, {**data, "line": each}) for each in value_of(data, "lines")]
    plan = []
    for section in value_of(data, "sections"):
        inside = {**data, "section": section}
        plan += [(row, inside) for row in range(first, line)]
        plan += [(line, {**inside, "line": each}) for each in section["lines"]]
        plan += [(row, inside) for row in range(line + 1, last + 1)]
    return plan


def _repeat(sheet, block, data):
    plan = _plan(block, data)
    if len(plan) > MAX_OUT_ROWS:
        raise Fault(f"{sheet.title}: more than {MAX_OUT_ROWS} rows")
    first, _line, last = block
    shift = len(plan) - (last - first + 1)
    model = {row: _copied(sheet, row) for row in range(first, last + 1)}
    spans = _spans(plan, first)
    _move_down(sheet, last + 1, shift)
    for cell in _formulas(sheet):
        cell.value = moved_formula(cell.value, block, shift, spans)
    for offset, (source, inside) in enumerate(plan):
        row = first + offset
        group = _group_span(plan, offset, first, block)
        _write_row(sheet, row, source, model[source], inside, (block, shift, group))


def _copied(sheet, row):
    """Values, styles and height of a row of the template, which is emptied."""
    cells = []
    for cell in sheet[row]:
        cells.append((cell.column, cell.value, copy(cell._style)))
        cell.value = None
    return cells, sheet.row_dimensions[row].height


def _spans(plan, first):
    """{row of the template: (first, last) row of its copies}."""
    spans = {}
    for offset, (source, _inside) in enumerate(plan):
        start, _end = spans.get(source, (first + offset, 0))
        spans[source] = (start, first + offset)
    return spans


def _group_span(plan, offset, first, block):
    """As :func:`_spans`, of the section that the row at ``offset`` is in."""
    start, end = offset, offset
    section = plan[offset][1].get("section")
    while start and plan[start - 1][1].get("section") is section:
        start -= 1
    while end + 1 < len(plan) and plan[end + 1][1].get("section") is section:
        end += 1
    return _spans(plan[start : end + 1], first + start)


def _move_down(sheet, start, shift):
    """Rows from ``start`` on, with merges, heights and the print area."""
    if not shift:
        return
    area = sheet.print_area
    if start <= sheet.max_row:
        _move_rows(sheet, start, shift)
    match = re.fullmatch(r".*?\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", area or "")
    if match and int(match[4]) >= start - 1:
        sheet.print_area = f"{match[1]}{match[2]}:{match[3]}{int(match[4]) + shift}"


def _move_rows(sheet, start, shift):
    merged = [area for area in sheet.merged_cells.ranges if area.min_row >= start]
    for area in merged:
        sheet.merged_cells.remove(area)
    below = range(start, sheet.max_row + 1)
    heights = {row: sheet.row_dimensions[row].height for row in below}
    sheet.move_range(
        f"A{start}:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}", rows=shift
    )
    for span in merged:
        span.shift(row_shift=shift)
        sheet.merged_cells.add(span)
    for row, height in heights.items():
        sheet.row_dimensions[row + shift].height = height


def _formulas(sheet):
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and isinstance(cell.value, str):
                yield cell


def _write_row(sheet, row, source, model, inside, place):
    cells, height = model
    block, shift, group = place
    sheet.row_dimensions[row].height = height
    for column, value, style in cells:
        cell = sheet.cell(row, column)
        cell._style = copy(style)
        if isinstance(value, str) and value.startswith("="):
            own = {**group, source: (row, row)}
            cell.value = moved_formula(value, block, shift, own)
        elif isinstance(value, str) and MARK.search(value):
            cell.value = value
            _render_cell(cell, inside, f"{sheet.title}!{cell.coordinate}")
        else:
            cell.value = value


def _render_cell(cell, data, place):
    if cell.value.startswith("="):
        raise Fault(f"{place}: a formula has no {{{{ }}}}")
    try:
        text = render(cell.value, data, escape=False)
    except Fault as fault:
        raise Fault(f"{place}: {fault.reason}") from None
    _put(cell, text, place)


def _put(cell, value, place):
    """Write data: a number or date where the cell's own format is one, else text."""
    if isinstance(value, list | dict):
        raise Fault(f"{place}: names several values")
    text = str(value)
    pattern = cell.number_format
    # A cell whose text names a day is no date by itself.
    if is_date_format(pattern) and len(text) >= 10:
        with suppress(ValueError):
            cell.value = date.fromisoformat(text[:10])
            cell.number_format = pattern
            return
    if pattern not in ("General", "@") and not cell.is_date:
        with suppress(ValueError):
            number = exact.number(text)
            cell.value = int(number) if number == int(number) else number
            return
    cell.value = None
    if text:
        cell.value = cell_text(text)
        # Whatever it begins with, data is no formula.
        cell.data_type = "s"
