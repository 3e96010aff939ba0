"""Texts that would run in a browser: shown as text in documents, mails and pages."""

import re
from collections import Counter
from contextlib import suppress
from io import BytesIO
from itertools import product

from lxml import html
from pypdf import PdfReader

from odoo.tests import TransactionCase, tagged

from odoo.addons.voip_billing_base.tests.attack_texts import SCRIPTS
from odoo.addons.voip_billing_base.tests.turns import in_turn

from ..engine import pool
from ..engine.check_html import checked
from ..engine.exact import date_text, number
from ..engine.liquid_text import render
from .engine_common import ENGINES, MADE
from .watchers import Canary, Listener

PARTS = 4
# What the program fills by itself.
OWN = ("format", "language", "logo", "qr", "color", "kind", "is_iban", "decimals")


def is_text(value):
    """Whether people wrote ``value``: no number, no day, not empty."""
    if not isinstance(value, str) or not value:
        return False
    for read in (number, lambda text: date_text(text, "%Y")):
        with suppress(ValueError):
            read(value)
            return False
    return True


def filled(data, text):
    """``data`` with ``text`` wherever people write one."""
    if isinstance(data, dict):
        return {n: v if n in OWN else filled(v, text) for n, v in data.items()}
    if isinstance(data, list):
        return [filled(value, text) for value in data]
    return text if is_text(data) else data


def shape(page):
    """Elements of a page with their attributes, and the style sheets' words."""
    root = html.document_fromstring(page)
    found = Counter((el.tag, *sorted(el.attrib)) for el in root.iter())
    styles = "".join(el.text or "" for el in root.iter("style"))
    return found, re.sub(r'"[^"]*"', '""', styles)


@tagged("post_install", "-at_install")
class TestScripts(TransactionCase):
    def _kinds(self):
        for name, _label in self.env["voip.document.kind"]._kinds():
            kind = self.env["voip.document.kind"]._of(name)
            yield name, kind._shipped_body(), kind._sample()

    def test_there_are_enough_texts(self):
        self.assertGreaterEqual(len(set(SCRIPTS)), 150)

    def test_no_text_changes_the_shape_of_a_shipped_document(self):
        """Elements, attributes and style sheets are those of a plain text."""
        count = 0
        for name, body, data in self._kinds():
            plain = shape(checked(render(body, filled(data, "plain"))))
            for text in SCRIPTS:
                with self.subTest(kind=name, text=text):
                    data_of = filled(data, text.replace("\x00", ""))
                    self.assertEqual(shape(checked(render(body, data_of))), plain)
                    count += 1
        self.assertGreaterEqual(count, 5 * len(SCRIPTS))

    def test_files_of_both_engines_have_no_action_and_fetch_nothing(self):
        listener, canary = Listener(), Canary()
        self.addCleanup(listener.close)
        self.addCleanup(canary.close)
        workers = pool.Pool(size=1)
        self.addCleanup(workers.close)
        texts = [
            text.replace("U", url).replace("\x00", "")
            for text in SCRIPTS
            for url in (listener.url, f"file://{canary.path}")
        ]
        for name, body, data in self._kinds():
            rows = max((v for v in data.values() if isinstance(v, list)), key=len)
            lines = [filled(rows[0], text) for text in texts]
            self.assertEqual(len(lines), 2 * len(SCRIPTS))
            row = "<p>{% for line in lines %}{% for v in line %}{{ v }} "
            row += "{% endfor %}{% endfor %}</p></body>"
            # A few at once, far from what a document may take of the processor.
            parts = [lines[place::PARTS] for place in range(PARTS)]
            for engine, some in in_turn(product(ENGINES, parts), PARTS):
                with self.subTest(kind=name, engine=engine):
                    content = workers.perform(
                        {
                            "format": "pdf",
                            "engine": engine,
                            "body": body.replace("</body>", row),
                            "data": {**filled(data, texts[0]), "lines": some},
                            "title": texts[0],
                            "made_at": MADE,
                        }
                    )
                    self.assertNoAction(content)
        self.assertEqual((listener.hits, canary.openings()), (0, 0))

    def assertNoAction(self, content):
        reader = PdfReader(BytesIO(content))
        root = reader.trailer["/Root"]
        for key in ("/OpenAction", "/AA", "/AcroForm", "/Names"):
            self.assertNotIn(key, root)
        for page in reader.pages:
            self.assertFalse(page.get("/Annots"))
            self.assertNotIn("/AA", page)
