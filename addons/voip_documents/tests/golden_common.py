"""Documents beside what they looked like when a person looked at them.

``golden/<kind>.json`` is the data; beside it are the text of both engines' PDF, its
pages as one small picture, the CSV, and the cells of the XLSX. With VOIP_GOLDEN=write
in the environment a run writes them anew: look at each picture then.
"""

import json
import os
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from PIL import Image, ImageChops
from pypdf import PdfReader

from odoo.tests import TransactionCase

from ..engine import pool
from .engine_common import ENGINES, MADE

WRITES = os.environ.get("VOIP_GOLDEN") == "write"
# Edges of letters differ between versions of renderers by shades of grey.
SCALE, SHADE, SHARE = 0.75, 64, 0.002
FONTS = {"Roboto", "Roboto-Regular", "Roboto-Bold"}
TABLE = {
    "rows": "lines",
    "has_heading": True,
    "date_format": "",
    "delimiter": "semicolon",
    "quoting": "minimal",
    "encoding": "utf-8",
    "decimal_point": ".",
}


class GoldenCase(TransactionCase):
    """A module's own kinds beside ``golden`` in its tests' folder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workers = pool.Pool(size=1)
        cls.addClassCleanup(cls.workers.close)

    def assertGolden(self, folder, name):
        folder = Path(folder)
        kind = self.env["voip.document.kind"]._of(name)
        data = json.loads((folder / f"{name}.json").read_text())
        columns = [
            dict(zip(("heading", "path", "kind", "decimals"), head, strict=False))
            for head in kind._heads
        ]
        task = {"data": data, "title": data["number"], "made_at": MADE}
        table = {**task, "table": {**TABLE, "columns": columns}}
        made = self.workers.perform({**table, "format": "csv"})
        self._same(folder / f"{name}.csv", made.decode())
        made = self.workers.perform({**table, "format": "xlsx"})
        self._same(folder / f"{name}.xlsx.txt", cells_of(made))
        for engine in ENGINES:
            page = {**task, "engine": engine, "body": kind._shipped_body()}
            made = self.workers.perform({**page, "format": "pdf"})
            with self.subTest(engine=engine):
                self._same_pdf(folder / f"{name}.{engine}", made)

    def _same(self, path, text):
        text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
        if WRITES:
            path.write_text(text)
        self.assertEqual(text, path.read_text(), path.name)

    def _same_pdf(self, stem, content):
        reader = PdfReader(BytesIO(content))
        text = "\n".join(page.extract_text() for page in reader.pages)
        lines = (" ".join(line.split()) for line in text.splitlines())
        fonts = fonts_of(reader)
        if not fonts <= FONTS:
            self.skipTest(f"The pictures have Roboto, this machine used {fonts}.")
        self._same(stem.with_name(f"{stem.name}.txt"), "\n".join(lines))
        self._same_picture(stem.with_name(f"{stem.name}.png"), content)

    def _same_picture(self, path, content):
        try:
            import pypdfium2
        except ImportError:
            self.skipTest("pypdfium2 of requirements-dev.txt is not installed.")
        pages = [
            page.render(scale=SCALE).to_pil().convert("L")
            for page in pypdfium2.PdfDocument(content)
        ]
        width, height = pages[0].size
        picture = Image.new("L", (width * len(pages), height))
        for number, page in enumerate(pages):
            picture.paste(page, (number * width, 0))
        if WRITES:
            picture.quantize(16).save(path, optimize=True)
        golden = Image.open(path).convert("L")
        self.assertEqual(picture.size, golden.size, path.name)
        counts = ImageChops.difference(picture, golden).histogram()
        share = sum(counts[SHADE:]) / (picture.width * picture.height)
        self.assertLess(share, SHARE, f"{path.name} looks different")


def cells_of(content):
    """The cells of a workbook as text: value, its kind, the format of a number."""
    sheet = load_workbook(BytesIO(content)).active
    rows = []
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                rows.append(f"{cell.coordinate}\t{cell.value!r}\t{cell.number_format}")
    return "\n".join(rows)


def fonts_of(reader):
    """Names of the fonts of all pages, without the mark of a subset."""
    found = set()
    for page in reader.pages:
        fonts = page["/Resources"].get("/Font") or {}
        for font in fonts.values():
            found.add(str(font.get_object()["/BaseFont"]).lstrip("/").split("+")[-1])
    return found
