"""No text of data, heading, title or sheet leaves as a formula or a link."""

import csv
import re
from io import BytesIO, StringIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_billing_base.reader.values import clean, harmless
from odoo.addons.voip_billing_base.tests.attack_texts import (
    FORMULAS,
    LINKS,
    formula_of,
)

from ..engine.cells import CONTROLS, plain_text
from ..engine.faults import Fault
from ..engine.table import DELIMITERS, to_csv, to_xlsx
from ..engine.workbook import fill

MADE = "2026-01-31T00:00:00Z"
TEXTS = (*FORMULAS, *LINKS)
PATHS = (
    "line.name", "line.section", "line.service", "line.taxes", "customer.name",
    "customer.vat", "account.name", "company.name", "number", "reference",
)
OPTIONS = {
    "rows": "lines",
    "has_heading": True,
    "delimiter": "comma",
    "encoding": "utf-8",
    "quoting": "minimal",
    "decimal_point": ".",
    "date_format": "",
}


def data_of(text):
    """A document each of whose texts is ``text``."""
    line = dict.fromkeys(("name", "section", "service", "taxes"), text)
    who = {"name": text, "vat": text}
    words = ("title", "bill_to", "account", "date", "due", "period", "reference")
    return {
        "number": text,
        "reference": text,
        "date_text": text,
        "period": {"text": text},
        "customer": who,
        "company": who,
        "account": {"name": text, "code": text},
        "labels": dict.fromkeys((*words, "untaxed", "tax", "total"), text),
        "currency": {"name": text, "decimals": 2},
        "totals": dict.fromkeys(("untaxed", "tax", "total"), "1.00"),
        "lines": [line],
    }


def table_of(text, **options):
    columns = [
        {"path": path, "kind": "text", "heading": text, "decimals": -1}
        for path in PATHS
    ]
    return {**OPTIONS, **options, "columns": columns}


def kept(text):
    return CONTROLS.sub("", text)


def unmarked(text):
    return text.replace("'", "")


def in_xml(text):
    """``text`` as XML gives it back: its only break of lines is a line feed."""
    return kept(text).replace("\r\n", "\n").replace("\r", "\n")


@tagged("post_install", "-at_install")
class TestFormulas(BaseCase):
    def test_there_are_enough_of_them(self):
        self.assertGreaterEqual(len(set(FORMULAS)), 60)
        self.assertFalse(formula_of("-12.50") + formula_of("+442071234567"))
        found = [text for text in FORMULAS if formula_of(text)]
        # Two begin with the minus of typesetting: text to every program.
        self.assertEqual(len(FORMULAS) - len(found), 1, set(FORMULAS) - set(found))

    def test_every_column_and_heading_of_csv(self):
        count = 0
        for text in TEXTS:
            for name, mark in DELIMITERS.items():
                made = to_csv(table_of(text, delimiter=name), data_of(text))
                stream = StringIO(made.decode(), newline="")
                for row in csv.reader(stream, delimiter=mark):
                    for cell in row:
                        with self.subTest(text=text, delimiter=name):
                            self.assertFalse(formula_of(cell))
                            self.assertEqual(unmarked(cell), unmarked(kept(text)))
                        count += 1
        self.assertEqual(count, len(TEXTS) * len(DELIMITERS) * 2 * len(PATHS))

    def test_a_program_with_another_delimiter_than_the_file(self):
        """It takes quotes in the midst of its cell for text, and lines by their end."""
        for formula in FORMULAS:
            for between in (";", ",", "\t", "\n", "\r\n", '; "', ',"'):
                text = f"x{between}{formula}\n"
                for name, mark in DELIMITERS.items():
                    made = to_csv(table_of(text, delimiter=name), data_of(text))
                    lines = re.split(r"\r\n|\r|\n", made.decode())
                    for other in {",", ";", "\t"} - {mark}:
                        cells = [c for line in lines for c in line.split(other)]
                        found = [c for c in cells if formula_of(c.lstrip(' "\t'))]
                        with self.subTest(text=text, delimiter=name, other=other):
                            self.assertFalse([c for c in found if not c.isspace()])

    def test_texts_with_commas_and_figures_stay(self):
        for text in ("Fee, -5%", "a, b; c", "Setup; +3", "x\ty", "e-mail; a@b.example"):
            with self.subTest(text=text):
                self.assertEqual(plain_text(text), text)

    def test_a_date_in_an_authors_pattern(self):
        for text in FORMULAS:
            column = {"path": "line.day", "kind": "date", "heading": "", "decimals": -1}
            table = {**OPTIONS, "date_format": text, "columns": [column]}
            made = to_csv(table, {"lines": [{"day": "2026-01-31"}]}).decode()
            [_head, [cell]] = list(csv.reader(StringIO(made, newline="")))
            with self.subTest(text=text):
                self.assertFalse(formula_of(cell))

    def test_what_sheets_are_read_back_as_is_what_they_were(self):
        for text in FORMULAS:
            with self.subTest(text=text):
                self.assertFalse(formula_of(harmless(text)))
                self.assertEqual(clean(harmless(text)), clean(text))
                self.assertFalse(formula_of(plain_text(text)))

    def test_every_column_heading_and_title_of_a_workbook(self):
        for text in TEXTS:
            made = to_xlsx(table_of(text), data_of(text), text, MADE)
            with self.subTest(text=text):
                values = self._texts(made)
                # Above the table stand pairs of label and value, too.
                count = values.count(in_xml(text))
                self.assertGreaterEqual(count, 2 * len(PATHS))

    def test_every_cell_of_an_uploaded_workbook(self):
        model = self._model()
        for text in TEXTS:
            data = data_of(text)
            section = {"name": text, "lines": data["lines"]}
            made = fill(model, {**data, "sections": [section]}, MADE)
            with self.subTest(text=text):
                values = self._texts(made)
                self.assertGreaterEqual(values.count(in_xml(text)), 5)

    def _model(self):
        book = Workbook()
        sheet = book.active
        sheet.append(["{{ number }}", "{{ customer.name }}"])
        sheet.append(["{{ section.name }}"])
        sheet.append(["{{ line.name }}", "{{ line.service }}"])
        book.defined_names["doc_customer__vat"] = DefinedName(
            "doc_customer__vat", attr_text=f"'{sheet.title}'!$D$1"
        )
        stream = BytesIO()
        book.save(stream)
        return stream.getvalue()

    def _texts(self, made):
        """All values of a workbook, that has no formula, link or other file."""
        with ZipFile(BytesIO(made)) as archive:
            for part in archive.infolist():
                body = archive.read(part)
                self.assertNotIn(b"<f>", body)
                self.assertNotIn(b"<f ", body)
                self.assertNotIn(b"<hyperlink", body)
                self.assertNotIn(b"External", body)
        values = []
        for sheet in load_workbook(BytesIO(made)).worksheets:
            self.assertEqual(sheet._hyperlinks, [])
            for row in sheet.iter_rows():
                for cell in row:
                    self.assertIn(cell.data_type, "sn")
                    values.append(cell.value)
        return values

    def test_an_authors_own_formulas_reach_nothing(self):
        """However they are written in the file."""
        for formula in REACHING:
            with self.subTest(formula=formula), self.assertRaises(Fault):
                fill(self._with_formula(formula), data_of("x"), MADE)
        for place, xml in ELSEWHERE.items():
            with self.subTest(place=place), self.assertRaises(Fault):
                fill(self._with_part(place, xml), data_of("x"), MADE)
        good = fill(self._with_formula("SUM(A1:A2)"), data_of("x"), MADE)
        self.assertEqual(load_workbook(BytesIO(good)).active["A1"].value, "=SUM(A1:A2)")

    def _with_formula(self, xml):
        cell = f'<row r="1"><c r="A1"><f>{xml}</f></c></row>'
        return self._with_part("<sheetData", f"<sheetData>{cell}</sheetData>")

    def _with_part(self, old, new):
        """A workbook whose sheet has ``new`` for the element that begins with old."""
        book = Workbook()
        book.active["A1"] = 1
        stream, result = BytesIO(), BytesIO()
        book.save(stream)
        with ZipFile(stream) as source, ZipFile(result, "w") as target:
            for part in source.infolist():
                body = source.read(part).decode()
                start = body.find(old)
                if start >= 0:
                    end = body.find("</sheetData>") + len("</sheetData>")
                    if old != "<sheetData":
                        end = start
                    body = body[:start] + new + body[end:]
                target.writestr(part.filename, body)
        return result.getvalue()


REACHING = (
    'WEBSERVICE("http://x")', 'webservice ("http://x")', 'HYPERLINK("http://x")',
    '_xlfn.WEBSERVICE("http://x")', '_xlfn.IMAGE("http://x")', 'FILTERXML("","")',
    "&#87;EBSERVICE(1)", "<![CDATA[WEBSERVICE(1)]]>", "WEB<!-- -->SERVICE(1)",
    "[1]Sheet1!A1", "'[x.xlsx]S'!A1", "&#91;1]S!A1", "cmd|'/c x'!A1", "cmd&#124;'x'!A1",
    'IMPORTXML("http://x","//a")', 'IMPORTDATA("http://x")', 'IMPORTFEED("x")',
    'IMPORTHTML("x","table",1)', 'IMPORTRANGE("x","A1")', 'RTD("x",,"y")',
    'CALL("kernel32","x")', 'REGISTER.ID("x","y")', 'EXEC("x")', 'DDE("a","b","c")',
    'SQL.REQUEST("x")', '_xlfn.STOCKHISTORY("x",1)', 'CUBEVALUE("x","y")',
    '_xlfn._xlws.PY("x")', "_xlfn.DETECTLANGUAGE(A1)", 'GOOGLEFINANCE("x")',
    'GOOGLETRANSLATE("x")', 'EVALUATE("WEB"&amp;"SERVICE(1)")',
)
_CF = (
    '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1">'
    "<formula>{}</formula></cfRule></conditionalFormatting>"
)
_DV = (
    '<dataValidations count="1"><dataValidation type="custom" sqref="A1"><formula1>{}'
    "</formula1></dataValidation></dataValidations>"
)
# Where else a formula or an address may stand.
ELSEWHERE = {
    "<pageMargins": _CF.format("WEBSERVICE(1)") + "",
    "<pageMargins ": _DV.format("WEBSERVICE(1)"),
    "<pageMargins l": _CF.format("&#87;EBSERVICE(1)"),
    "<calcPr": "<definedNames><definedName name='x'>WEBSERVICE(1)</definedName>"
    "</definedNames>",
    "</Relationships>": "<Relationship Id='rId99' TargetMode='External' "
    "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    "hyperlink' Target='http://x'/>",
    "</Relationships": "<Relationship Id='rId99' TargetMode='&#69;xternal' "
    "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    "hyperlink' Target='http://x'/>",
}
