"""Every number of a document, in each format, is the number of its data."""

import csv
import re
from contextlib import suppress
from decimal import Decimal
from io import BytesIO, StringIO
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.tests import TransactionCase, tagged

from ..engine import exact
from ..engine.cells import plain_text
from ..engine.job import perform
from .engine_common import ENGINES, MADE

TWIN = "_text"
# How numbers are told; which of them a twin follows is found from the sample.
FORMS = (
    exact.money_text,
    *(
        lambda value, layout, n=least: exact.rate_text(value, layout, n)
        for least in (4, 2, 5, 6)
    ),
    *(
        lambda value, layout, n=places: exact.number_text(value, n, layout)
        for places in range(4)
    ),
    lambda value, layout: exact.minutes_text(value),
)
LAYOUTS = (
    {"decimal_point": ".", "thousands_sep": ",", "grouping": [3, 0]},
    {"decimal_point": ",", "thousands_sep": ".", "grouping": [3, 0]},
    {"decimal_point": ",", "thousands_sep": "\u202f", "grouping": [3, 0]},
    {"decimal_point": ".", "thousands_sep": ",", "grouping": [3, 2, 0]},
    {"decimal_point": ".", "thousands_sep": "", "grouping": []},
)
LEFT = {"asr", "acd", "share", "answer_by", "date", "due", "start", "end"}
# Shown only where something is paid, rounded or disputed, or of kinds of lines that a
# sample mixes.
SOMETIMES = {
    "disputed_text",
    "paid_text",
    "open_text",
    "rounding_text",
    "tax_text",
    "price_text",
    "quantity_text",
}
SEEDS = st.integers(0, 2**32 - 1)


# Rows of tables stand in sections, statements or currencies, too; of what is left out
# of a netting the open amount alone is told.
ELSEWHERE = r"^\.lines\.|\.left_out\."


def profile(examples):
    """The numbers come of one seed: making it smaller would tell nothing."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def is_number(value):
    try:
        exact.number(value)
    except ValueError:
        return False
    return True


def form_of(value, text, layout, currency):
    """(form, currency) that tell ``value`` as ``text``; None without.

    A currency is told by its symbol, or by its name where only that is known.
    """
    named = {**currency, "symbol": "", "before": False}
    for own in (currency, named):
        for form in FORMS:
            with suppress(ValueError):
                if form(value, {**layout, "currency": own}) == text:
                    return form, own
    return None


def twins(node, currency, path=""):
    """(dict, name, its currency, path) of each number that has a formatted twin."""
    if isinstance(node, list):
        for each in node:
            yield from twins(each, currency, path)
    elif isinstance(node, dict):
        own = node.get("currency")
        if isinstance(own, dict) and "decimals" in own:
            currency = own
        elif isinstance(own, str):
            currency = {**currency, "name": own}
        for name, value in node.items():
            told = node.get(f"{name}{TWIN}") and name not in LEFT
            if told and is_number(value):
                yield node, name, currency, f"{path}.{name}"
            if name not in ("format", "currency"):
                yield from twins(value, currency, f"{path}.{name}")


def changed(data, layout, random):
    """``data`` with other numbers, told in another layout."""
    old, new = data["format"], {**data["format"], **layout}
    # Sections and lines are the same dicts.
    unlike = {
        (id(node), name): (node, name, *more)
        for node, name, *more in twins(data, old["currency"])
    }
    for node, name, currency, path in unlike.values():
        value, text = node[name], node[f"{name}{TWIN}"]
        found = form_of(value, text, old, currency)
        if found is None:
            raise AssertionError(f"{path}: {text!r} does not tell {value!r}")
        form, currency = found
        places = max(0, -Decimal(str(value)).as_tuple().exponent)
        if isinstance(value, int):
            node[name] = random.randint(0, 10**8)
        else:
            number = Decimal(random.randint(-(10**7), 10**11)).scaleb(-places)
            node[name] = exact.text_of(number)
        node[f"{name}{TWIN}"] = form(node[name], {**new, "currency": currency})
    return {**data, "format": new}


def texts(node):
    """Every text and number of the data, as text."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in ("logo", "qr"):
                yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif node is not None:
        yield str(node)


def figures(text):
    """Runs of digits in ``text``."""
    return set(re.findall(r"\d+", text))


def squeezed(text):
    return re.sub(r"\s", "", text)


@tagged("post_install", "-at_install")
class TestRoundTrip(TransactionCase):
    def _kinds(self):
        for name, _label in self.env["voip.document.kind"]._kinds():
            yield name, self.env["voip.document.kind"]._of(name)

    def _task(self, kind, format_, **values):
        columns = [
            dict(zip(("heading", "path", "kind", "decimals"), head, strict=False))
            for head in kind._heads
        ]
        options = {"rows": "lines", "has_heading": True, "date_format": ""}
        csv_options = {"delimiter": "semicolon", "quoting": "all", "encoding": "utf-8"}
        table = {**options, **csv_options, "decimal_point": ".", "columns": columns}
        task = {"format": format_, "title": "T", "made_at": MADE, "table": table}
        return {**task, **values}

    @profile(4)
    @given(SEEDS)
    def test_pdf(self, seed):
        random, shown = Random(seed), 0
        for name, kind in self._kinds():
            data = changed(kind._sample(), random.choice(LAYOUTS), random)
            body = kind._shipped_body()
            known = set().union(*map(figures, texts(data)))
            for engine in ENGINES:
                task = self._task(kind, "pdf", engine=engine, body=body, data=data)
                pages = PdfReader(BytesIO(perform(task))).pages
                text = "\n".join(page.extract_text() for page in pages)
                numbers = {str(n) for n in range(1, len(pages) + 1)}
                self.assertLessEqual(figures(text), known | numbers, (name, engine))
                shown += self._shown(body, data, squeezed(text))
        self.assertGreater(shown, 100)

    def _shown(self, body, data, text):
        """Each formatted number that the template names is in the text."""
        loops = {
            source.rpartition(".")[2]: name
            for name, source in re.findall(r"{% for (\w+) in ([\w.]+)", body)
        }
        count = 0
        for node, name, _currency, path in twins(data, data["format"]["currency"]):
            parent = path.split(".")[-2]
            named = f"{loops.get(parent, parent)}.{name}{TWIN} ".lstrip(".")
            hidden = f"{name}{TWIN}" in SOMETIMES or re.search(ELSEWHERE, path)
            if named in body and not hidden:
                self.assertIn(squeezed(node[f"{name}{TWIN}"]), text, path)
                count += 1
        return count

    @profile(20)
    @given(SEEDS)
    def test_csv(self, seed):
        for name, kind in self._kinds():
            data = changed(kind._sample(), LAYOUTS[0], Random(seed))
            made = perform(self._task(kind, "csv", data=data)).decode()
            rows = list(csv.reader(StringIO(made), delimiter=";"))[1:]
            self.assertEqual(len(rows), len(data["lines"]))
            for cells, line in zip(rows, data["lines"], strict=True):
                for head, cell in zip(kind._heads, cells, strict=True):
                    self._same_text(head, cell, self._value(data, line, head), name)

    @profile(20)
    @given(SEEDS)
    def test_xlsx(self, seed):
        for name, kind in self._kinds():
            data = changed(kind._sample(), LAYOUTS[0], Random(seed))
            made = perform(self._task(kind, "xlsx", data=data))
            rows = list(load_workbook(BytesIO(made)).active.iter_rows())
            heads = [head[0] for head in kind._heads]
            [start] = [
                number
                for number, row in enumerate(rows)
                if [cell.value for cell in row][: len(heads)] == heads
            ]
            for cells, line in zip(rows[start + 1 :], data["lines"], strict=False):
                for head, cell in zip(kind._heads, cells, strict=False):
                    self._same_cell(head, cell, self._value(data, line, head), name)
            self._same_sums(rows[start + 1 + len(data["lines"]) :], data)

    def _value(self, data, line, head):
        value = {**data, "line": line}
        for part in head[1].split("."):
            value = value[part]
        return value

    def _same_text(self, head, cell, value, name):
        heading, _path, kind, places, *_width = head
        where = f"{name}: {heading}"
        if value in (None, ""):
            self.assertEqual(cell, "", where)
        elif kind == "number":
            wanted = Decimal(str(value))
            wanted = wanted if places < 0 else exact.rounded(wanted, places)
            self.assertEqual(Decimal(cell), wanted, where)
        elif kind == "duration":
            minutes, seconds = cell.removeprefix("-").split(":")
            self.assertEqual(60 * int(minutes) + int(seconds), abs(int(value)), where)
        else:
            self.assertEqual(plain_text(value), cell, where)

    def _same_cell(self, head, cell, value, name):
        kind, where = head[2], f"{name}: {head[0]}"
        if value in (None, ""):
            self.assertIsNone(cell.value, where)
        elif kind == "number":
            self.assertEqual(Decimal(str(cell.value)), Decimal(str(value)), where)
        elif kind == "duration":
            self.assertEqual(round(cell.value.total_seconds()), int(value), where)
        elif kind == "date":
            self.assertEqual(cell.value.date().isoformat(), str(value)[:10], where)
        else:
            self.assertEqual(cell.value, str(value), where)

    def _same_sums(self, rows, data):
        """What stands below: net, tax and total, or what the data names."""
        wanted = [each["amount"] for each in data.get("sums", ())]
        if "sums" not in data and "untaxed" in data.get("totals", ()):
            wanted = [data["totals"][name] for name in ("untaxed", "tax", "total")]
        found = [
            Decimal(str(cell.value))
            for row in rows
            for cell in row
            if isinstance(cell.value, int | float)
        ]
        self.assertEqual(found, [Decimal(amount) for amount in wanted])

    def test_figures_that_a_spreadsheet_cannot_hold_are_text(self):
        kind = self.env["voip.document.kind"]._of("statement")
        data = kind._sample()
        for text in ("12345678901234567.89", "-0.1234567890123456"):
            data["lines"][1]["debit"] = text
            made = perform(self._task(kind, "xlsx", data=data))
            values = list(load_workbook(BytesIO(made)).active.values)
            self.assertIn(text, [value for row in values for value in row])
