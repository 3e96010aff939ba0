"""Tables of a document as CSV and XLSX: columns, headings, formats."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from math import ceil

import xlsxwriter

from . import exact
from .cells import cell_text, clean_text, plain_text
from .faults import Fault

KINDS = ("text", "number", "date", "duration")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "iso-8859-15", "cp1252")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
QUOTING = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}
MAX_ROWS = 1_048_000
# Texts that a column of CSV keeps.
MEMORY = 10_000
DAY = "%Y-%m-%d"
# Digits of a number that spreadsheets keep; further ones became zeros.
DIGITS = 15
# A sheet: columns' width in characters, a page's; points of headings in two lines; from
# how many rows on it has filters; the paper's number.
WIDTH, PAGE_WIDTH, HEADING_HEIGHT, FILTERED_ROWS, A4 = 14, 180, 30, 50, 9
# Columns that sums stand below.
SUMMED = ("line.amount", "line.balance")
# A number as text_of writes it; zero may have a sign that is to go.
LARGE = 10**exact.LARGEST_EXPONENT
PLAIN = re.compile(r"(?!-0(?:\.0*)?$)-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,20})?")
# What stands above a table without a workbook: word, variable.
HEAD = (
    ("bill_to", "customer.name"),
    ("account", "account.code"),
    ("date", "date_text"),
    ("due", "due_text"),
    ("period", "period.text"),
    ("reference", "reference"),
)


def value_of(data, path):
    """What ``path`` (names with dots) names in ``data``.

    :raises Fault: a name is not there
    """
    value = data
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            raise Fault(f"there is no variable {path!r}")
        value = value[name]
    return value


def named(data, path):
    """What ``path`` names in ``data``; "" where documents of the kind have it not."""
    try:
        return value_of(data, path)
    except Fault:
        return ""


def rows_of(data, source):
    """The rows that ``source`` names.

    :raises Fault: it names none
    """
    rows = value_of(data, source)
    if not isinstance(rows, list):
        raise Fault(f"{source!r} has no rows")
    return rows


def needed(definition, data):
    """What of ``data`` a table reads: its rows with the names of its columns, its sums,
    and all that is no list. The rest would only be packed and sent."""
    names = set()
    for column in definition["columns"]:
        first, _dot, rest = column["path"].partition(".")
        if first == "line":
            names.add(rest.partition(".")[0])
    kept = {
        name: value
        for name, value in data.items()
        if name == "sums" or not isinstance(value, list)
    }
    rows = data.get(definition["rows"])
    if isinstance(rows, list):
        kept[definition["rows"]] = [
            {name: row[name] for name in names if name in row} for row in rows
        ]
    return kept


def readers(columns, data):
    """For each column (value, None), or (None, function of a row) where rows differ.

    What a column has of the document is looked up once, not with each row.

    :raises Fault: naming column and reason
    """
    return [_reader(column, data) for column in columns]


def _reader(column, data):
    first, _dot, rest = column["path"].partition(".")
    if first != "line" or "line" in data:
        return _named_by(column, lambda: value_of(data, column["path"])), None
    if not rest:
        return None, lambda row: row
    if "." in rest:
        return None, lambda row: _named_by(column, lambda: value_of(row, rest))

    def read(row):
        try:
            return row[rest]
        except (KeyError, TypeError):
            return _named_by(column, lambda: value_of({"line": row}, column["path"]))

    return None, read


def _named_by(column, look):
    try:
        return look()
    except Fault as fault:
        raise Fault(f"column {column['heading']!r}: {fault.reason}") from None


def cells(columns, data, rows):
    """Values of each row, by column.

    :raises Fault: naming column and reason
    """
    found = readers(columns, data) if rows else []
    for row in rows:
        yield [read(row) if read else value for value, read in found]


def to_csv(definition, data):
    """Bytes of a CSV of ``definition`` (see docs/documents.md)."""
    encoding = definition["encoding"]
    if encoding not in ENCODINGS:
        raise Fault(f"there is no encoding {encoding!r}")
    columns, stream = definition["columns"], StringIO()
    writer = csv.writer(
        stream,
        delimiter=DELIMITERS[definition["delimiter"]],
        quoting=QUOTING[definition["quoting"]],
        lineterminator="\r\n",
    )
    if definition["has_heading"]:
        writer.writerow([plain_text(column["heading"]) for column in columns])
    writer.writerows(_csv_rows(definition, data))
    return stream.getvalue().encode(encoding, errors="replace")


def _csv_rows(definition, data):
    """Texts of each row; what is the same in all rows is made once."""
    columns, rows = definition["columns"], rows_of(data, definition["rows"])
    if not rows:
        return
    makers = []
    for column, (value, read) in zip(columns, readers(columns, data), strict=True):
        text = _text_maker(column, definition)
        same = "" if read else text(value)
        makers.append((same, read, text))
    for row in rows:
        yield [text(read(row)) if read else same for same, read, text in makers]


def _text_maker(column, definition):
    """The function that makes a cell's text of a value of ``column``.

    It raises :class:`Fault` naming the column. Rows repeat destinations, rates, days:
    a text is made once, of the first MEMORY ones that are text.
    """
    made = {}
    make = {
        "number": lambda value: _number_text(column, value, definition),
        "date": lambda value: plain_text(
            exact.date_text(value, definition["date_format"] or DAY)
        ),
        "duration": lambda value: exact.minutes_text(value).replace(exact.MINUS, "-"),
    }.get(column["kind"], plain_text)

    def text(value):
        if value is None or value == "":
            return ""
        is_text = type(value) is str
        if is_text and value in made:
            return made[value]
        try:
            found = make(value)
        except ValueError as error:
            raise Fault(f"column {column['heading']!r}: {error}") from None
        if is_text and len(made) < MEMORY:
            made[value] = found
        return found

    return text


def _number_text(column, value, definition):
    places, point = column.get("decimals", -1), definition["decimal_point"]
    if places < 0:
        # As it is, as most are: parsing is the half of a table's time.
        if type(value) is int and abs(value) < LARGE:
            return str(value)
        if type(value) is str and PLAIN.fullmatch(value):
            return value if point == "." else value.replace(".", point)
    value = exact.number(value)
    text = exact.text_of(value if places < 0 else exact.rounded(value, places))
    return text.replace(".", point)


def to_xlsx(definition, data, title, made_at):
    """Bytes of a workbook without a template: a heading, rows, totals of none."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": True,
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    made = exact.datetime.fromisoformat(made_at).replace(tzinfo=None)
    book.set_properties({"title": clean_text(title, 200), "created": made})
    sheet = book.add_worksheet(sheet_name(title))
    if data.get("language", {}).get("is_right_to_left"):
        sheet.right_to_left()
    rows = rows_of(data, definition["rows"])
    if len(rows) > MAX_ROWS:
        raise Fault(f"a sheet has at most {MAX_ROWS} rows")
    styles = _Styles(book)
    start = _write_head(book, sheet, data, title)
    _write_sheet(sheet, definition, (data, rows), start, styles)
    _write_sums(sheet, data, definition, start + len(rows) + 2, styles)
    book.close()
    return stream.getvalue()


def sheet_name(title):
    kept = "".join("-" if mark in "[]:*?/\\'" else mark for mark in clean_text(title))
    return (kept.strip() or "Sheet")[:31]


def _write_head(book, sheet, data, title):
    """What the document is, above its table; the table's first row."""
    labels, bold = data.get("labels"), book.add_format({"bold": True})
    if not labels:
        return 0
    # Who is billed is called a customer where nothing is billed.
    if "customer" in labels:
        labels = {**labels, "bill_to": labels["customer"]}
    pairs = [(labels[name], named(data, path)) for name, path in HEAD if name in labels]
    pairs = [(label, value) for label, value in pairs if value]
    large = book.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, clean_text(f"{labels['title']} {title}", 200), large)
    for row, (label, value) in enumerate(pairs, 1):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, cell_text(value))
    return len(pairs) + 2


def _sums(data):
    """[(label, exact amount)] below a table: the data's, else net, tax and total;
    rounding and what is paid where there is any."""
    if "sums" in data:
        return [(each["label"], each["amount"]) for each in data["sums"]]
    if "untaxed" not in data.get("totals", ()):
        return []
    totals, labels = data["totals"], data["labels"]
    rounded = ["rounding"] if totals.get("has_rounding") else []
    paid = totals.get("has_paid") and data.get("kind") == "invoice"
    names = ["untaxed", "tax", *rounded, "total", *(["paid", "open"] if paid else [])]
    currency = data["currency"]["name"]
    return [(f"{labels[name]} ({currency})", totals[name]) for name in names]


def _write_sums(sheet, data, definition, row, styles):
    """Sums below the column of amounts or balances."""
    paths = [column["path"] for column in definition["columns"]]
    places = [paths.index(path) for path in SUMMED if path in paths]
    column = max(places[0] if places else 1, 1)
    for offset, (label, amount) in enumerate(_sums(data)):
        sheet.write_string(row + offset, column - 1, cell_text(label), styles.bold())
        _write_number(sheet, row + offset, column, amount, styles.number(amount, True))


class _Styles:
    """Formats of cells, each made once."""

    def __init__(self, book):
        self.book, self.made = book, {}

    def of(self, **properties):
        key = tuple(properties.items())
        if key not in self.made:
            self.made[key] = self.book.add_format(properties)
        return self.made[key]

    def bold(self):
        return self.of(bold=True)

    def heading(self, is_figure):
        side = {"align": "right"} if is_figure else {}
        return self.of(bold=True, bottom=1, text_wrap=True, valign="top", **side)

    def number(self, value, bold=False, places=-1):
        """As ``value`` is written, with its decimals; separators are the reader's."""
        if places < 0:
            places = max(0, -exact.number(value).as_tuple().exponent)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return self.of(num_format=pattern, **({"bold": True} if bold else {}))

    def of_cell(self, column, value):
        kind = column["kind"]
        if kind == "number":
            return self.number(value, places=column.get("decimals", -1))
        pattern = {"date": "yyyy-mm-dd", "duration": "[m]:ss"}.get(kind, "@")
        return self.of(num_format=pattern)


def _write_number(sheet, row, index, value, style):
    """A number; as text where a spreadsheet's number would lose figures."""
    value = exact.number(value)
    if len(value.normalize().as_tuple().digits) > DIGITS:
        sheet.write_string(row, index, exact.text_of(value))
    else:
        sheet.write_number(row, index, float(value), style)


def _write_sheet(sheet, definition, table, start, styles):
    data, rows = table
    columns = definition["columns"]
    widths = [column.get("width") or WIDTH for column in columns]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    if definition["has_heading"]:
        _write_heading(sheet, columns, start, styles, data.get("headings", {}))
        if len(rows) >= FILTERED_ROWS:
            sheet.autofilter(start, 0, start + len(rows), len(columns) - 1)
        start += 1
    for number, values in enumerate(cells(columns, data, rows), start):
        for index, (column, value) in enumerate(zip(columns, values, strict=True)):
            _write_cell(sheet, number, index, column, value, styles)
    sheet.set_landscape()
    sheet.set_paper(A4)
    # Of many columns one page each would be too small to read.
    sheet.fit_to_pages(ceil(sum(widths) / PAGE_WIDTH), 0)


def _write_heading(sheet, columns, row, styles, words):
    """Headings, those of figures above them; they stay in sight and on each page.

    :param words: {heading: what is written instead}
    """
    sheet.freeze_panes(row + 1, 0)
    sheet.repeat_rows(row)
    sheet.set_row(row, HEADING_HEIGHT)
    for index, column in enumerate(columns):
        style = styles.heading(column["kind"] in ("number", "duration"))
        heading = words.get(column["heading"], column["heading"])
        sheet.write_string(row, index, cell_text(heading), style)


def _write_cell(sheet, row, index, column, value, styles):
    if value in (None, ""):
        return
    kind = column["kind"]
    try:
        style = styles.of_cell(column, value)
        if kind == "number":
            _write_number(sheet, row, index, value, style)
        elif kind == "duration":
            days = float(exact.number(value) / Decimal(86400))
            sheet.write_number(row, index, days, style)
        elif kind == "date":
            day = date.fromisoformat(str(value)[:10])
            sheet.write_datetime(row, index, day, style)
        else:
            sheet.write_string(row, index, cell_text(value), style)
    except ValueError as error:
        raise Fault(f"column {column['heading']!r}: {error}") from None
