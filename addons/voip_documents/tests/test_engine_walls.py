"""A template runs no code and fetches nothing: each attack, on both engines."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

from openpyxl import Workbook
from pypdf import PdfReader

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.check_html import checked
from ..engine.faults import Fault
from ..engine.liquid_text import render
from ..engine.pdf import to_pdf
from ..engine.table import to_csv
from ..engine.workbook import fill
from .attack_templates import ADDRESSES, FETCHING, PLAIN, REFUSED
from .engine_common import ENGINES, MADE, EngineCase
from .test_engine_attacks import aimed
from .watchers import Canary, Listener

DATA = {"x": "x", "y": "1", "lines": [{"name": "x"}]}
# What only a machine that was told to could have written.
SIGNS = ("1337", "<class", "root:", "object at 0x", "odoo.", "Environment")


@tagged("post_install", "-at_install")
class TestCode(EngineCase):
    def test_there_are_enough_attacks(self):
        self.assertGreaterEqual(len({*REFUSED, *PLAIN}), 200)
        self.assertEqual(len({*REFUSED, *PLAIN}), len(REFUSED) + len(PLAIN))
        self.assertGreaterEqual(len(set(FETCHING)), 60)
        self.assertEqual(len(set(FETCHING)), len(FETCHING))

    def test_code_is_refused_with_a_reason_by_both_engines(self):
        refused = 0
        for engine in ENGINES:
            for body in REFUSED:
                with self.subTest(engine=engine, body=body[:80]):
                    reason = self._fault(f"<p>{body}</p>", engine, **DATA).reason
                    self.assertTrue(reason)
                    self.assertFalse([sign for sign in SIGNS if sign in reason])
                    refused += 1
        self.assertEqual(refused, len(ENGINES) * len(REFUSED))
        for engine in ENGINES:
            self.assertEqual(self._pdf("<p>x</p>", engine)[:5], b"%PDF-")

    def test_code_in_other_languages_is_text(self):
        for engine in ENGINES:
            for body in PLAIN:
                with self.subTest(engine=engine, body=body):
                    with suppress(Fault):
                        content = self._pdf(f"<p>{body} end</p>", engine, **DATA)
                        text = PdfReader(BytesIO(content)).pages[0].extract_text()
                        self.assertIn("end", text)
                        self.assertFalse([s for s in SIGNS if s in text])
        for body in PLAIN:
            with self.subTest(body=body):
                text = render(body, DATA)
                self.assertFalse([sign for sign in SIGNS if sign in text])

    def test_code_in_cells_of_a_workbook_is_refused(self):
        """Cells hold the language of templates, but nobody's markup."""
        code = [body for body in REFUSED if "{" in body and len(body) < 30_000]
        self.assertGreaterEqual(len(code), 200)
        for body in code:
            book, stream = Workbook(), BytesIO()
            book.active["A1"] = body
            book.active["A1"].data_type = "s"
            book.save(stream)
            with self.subTest(body=body[:80]), self.assertRaises(Fault) as refused:
                fill(stream.getvalue(), DATA, MADE)
            self.assertIn("Sheet!A1", refused.exception.reason)

    def test_code_in_columns_is_refused(self):
        for body in REFUSED:
            column = {"path": body, "kind": "text", "heading": "H", "decimals": -1}
            table = {
                "rows": "lines",
                "has_heading": True,
                "delimiter": "comma",
                "encoding": "utf-8",
                "quoting": "minimal",
                "columns": [column, {**column, "path": f"line.{body}"}],
            }
            with self.subTest(body=body[:80]), self.assertRaises(Fault):
                to_csv(table, DATA)


@tagged("post_install", "-at_install")
class TestFetching(EngineCase):
    def setUp(self):
        super().setUp()
        self.listener, self.canary = Listener(), Canary()
        self.addCleanup(self.listener.close)
        self.addCleanup(self.canary.close)

    def _urls(self, addresses=ADDRESSES):
        values = {"port": self.listener.port, "path": self.canary.path}
        return [address.format(**values) for address in addresses]

    def assertNobodyCame(self):
        self.assertEqual(self.listener.hits, 0)
        self.assertEqual(self.canary.openings(), 0)

    def test_the_watchers_see(self):
        Path(self.canary.path).read_bytes()
        self.assertEqual(self.canary.openings(), 1)
        for host in ("127.0.0.1", "[::1]"):
            with suppress(OSError):
                urlopen(f"http://{host}:{self.listener.port}/", timeout=2)
        self.assertGreaterEqual(self.listener.hits, 1)

    def test_the_check_lets_no_address_by(self):
        """Each way to fetch with each address: refused, or nothing of it is left."""
        count = 0
        for attack in FETCHING:
            for url in self._urls():
                body = f"<html><body>{aimed(attack, url)}</body></html>"
                with self.subTest(attack=attack, url=url), suppress(Fault):
                    # lxml drops what cannot be.
                    self.assertNotIn(url, checked(body))
                count += 1
        self.assertEqual(count, len(FETCHING) * len(ADDRESSES))
        self.assertNobodyCame()

    def test_documents_fetch_nothing(self):
        """As templates and as data, in workers, on both engines."""
        made = 0
        for engine in ENGINES:
            for attack in FETCHING:
                body = aimed(attack, self._urls()[0])
                with self.subTest(engine=engine, attack=attack), suppress(Fault):
                    self._pdf(f"<html><body>{body}</body></html>", engine)
            body = "{% for v in texts %}{{ v }} {% endfor %}"
            for url in self._urls():
                texts = [aimed(attack, url) for attack in FETCHING]
                made += bool(self._pdf(f"<body>{body}</body>", engine, texts=texts))
        self.assertEqual(made, len(ENGINES) * len(ADDRESSES))
        self.assertNobodyCame()

    @mute_logger("weasyprint", "fontTools")
    def test_engines_fetch_nothing_even_unchecked(self):
        """The second wall: what would pass the check reaches nobody either."""
        tried = 0
        for engine in ENGINES:
            for attack in FETCHING:
                for url in self._urls((ADDRESSES[0], "file://{path}", "{path}")):
                    html = f"<html><head></head>{aimed(attack, url)}</html>"
                    # Whatever an engine says of it, if nothing was fetched.
                    with suppress(Exception):
                        to_pdf(engine, html, "T", MADE)
                    if self.listener.hits or self.canary.openings():
                        self.fail(f"{engine} fetches by {attack}")
                    tried += 1
        self.assertEqual(tried, len(ENGINES) * len(FETCHING) * 3)
