"""Templates and data that attack: refused, or harmless, on both engines."""

import base64
import re
import struct
import zlib
from contextlib import suppress
from io import BytesIO

from pypdf import PdfReader

from odoo.tests import tagged

from ..engine.check_html import (
    MAX_DEPTH,
    MAX_IMAGES,
    MAX_ROWS,
    MAX_WORD,
    checked,
)
from ..engine.faults import Fault, WorkerLost
from ..engine.pool import Pool
from .engine_common import ENGINES, MADE, EngineCase

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42m"
    "NkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
def aimed(attack, url):
    return re.sub(r"\bU\b", lambda _match: url, attack)


def png(width, height):
    """A PNG that says it is so large; small as a file."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")):
        crc = struct.pack(">I", zlib.crc32(kind + body))
        parts += struct.pack(">I", len(body)) + kind + body + crc
    return "data:image/png;base64," + base64.b64encode(parts).decode()


@tagged("post_install", "-at_install")
class TestAttacks(EngineCase):
    def test_data_in_a_template_stays_data(self):
        evil = '</style></td><script>x</script><img src="http://127.0.0.1/">"\'{{ x }}'
        for engine in ENGINES:
            with self.subTest(engine=engine):
                body = "<p title='{{ v }}'>{{ v }}</p><style>p{color:red}</style>"
                content = self._pdf(f"<html><body>{body}</body></html>", engine, v=evil)
                text = PdfReader(BytesIO(content)).pages[0].extract_text()
                self.assertIn("<script>x</script>", text.replace("\n", ""))

    def test_text_in_a_style_stays_text(self):
        evil = "\"; } @import 'http://127.0.0.1/'; </style><script>"
        body = (
            '<html><head><style>@page{@top-left{content:"{{ v | css }}"}}</style>'
            "</head><body>x</body></html>"
        )
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.assertEqual(self._pdf(body, engine, v=evil)[:5], b"%PDF-")

    def test_a_fault_names_its_line(self):
        for body, line in (
            ("<p>\n\n{{ x", 3),
            ("<p>\n{{ unknown.x }}", 2),
            ("<p>\n{% if 1 %}\n", None),
            ("<html><body>\n\n<script>x</script></body></html>", 3),
            ("<html><body>\n<img src='http://x/'></body></html>", 2),
            ("<html><body>\n<p style='width:url(x)'>x</p></body></html>", 2),
        ):
            with self.subTest(body=body):
                fault = self._fault(body)
                if line:
                    self.assertEqual(fault.line, line)

    def test_what_kills_engines_is_refused_before(self):
        deep, large = MAX_DEPTH + 5, png(8000, 1000)
        behind = f"p{{background:url({PIXEL})}}"
        var = "".join(f"--v{n}:var(--v{n - 1}) var(--v{n - 1});" for n in range(1, 30))
        for name, body in (
            ("nested", "<div>" * deep + "x" + "</div>" * deep),
            ("nested 100,000", "<div>" * 100_000),
            ("nested tables", "<table><tr><td>" * deep),
            ("rows", "<table>" + "<tr><td>x</td></tr>" * (MAX_ROWS + 1) + "</table>"),
            ("colspan", "<table><tr><td colspan=100000>x</td></tr></table>"),
            ("colspan digits", "<table><tr><td colspan=٩٩٩>x</td></tr></table>"),
            ("rowspan", "<table><tr><td rowspan=0>x</td></tr></table>"),
            ("span", "<table><col span=99999></table>"),
            ("pixels", f'<img src="{png(30000, 30000)}">'),
            ("wide", f'<img src="{png(9000, 10)}">'),
            ("many images", f'<img src="{PIXEL}">' * 41),
            ("images of a sheet", f"<style>{behind * 41}</style>"),
            ("images of styles", f'<p style="background:url({PIXEL})">x</p>' * 41),
            ("images of both", f'<p style="background:url({large})"><img src="{large}">'
             f"<style>p{{background:url('{large}')}}</style>"),
            ("long word", "x" * 100_000),
            ("long text", "x " * 3_000_000),
            ("variables", f"<style>p{{--v0:x;{var}}}</style>"),
            ("number", "<style>p{width:1e9px}</style>"),
            ("columns", "<style>p{column-count:999999}</style>"),
            ("grid", "<style>p{grid-template-columns:repeat(99999,1px)}</style>"),
            ("blocks", "<style>" + "a{" * 50 + "</style>"),
            ("brackets", f"<p style='width:{'calc(' * 50}1px'>x</p>"),
            ("svg bomb", "<svg>" + "<use href='#a'/>" * 10 + "</svg>"),
            ("entities", "<!DOCTYPE x [<!ENTITY a 'b'>]><svg>&a;</svg>"),
            ("NUL", "<p>\x00</p>"),
            ("width", "<table width=99999999></table>"),
        ):
            with self.subTest(name=name), self.assertRaises(Fault):
                checked(f"<html><body>{body}</body></html>")

    def test_what_is_repeated_and_spanned_is_counted(self):
        for name, body in (
            ("content", f"<style>p::before{{content:'{'x' * 5_000}'}}</style>"),
            ("counters", "<style>p::before{content:" + "counter(a) " * 3_000 + "}"),
            ("quotes", "<style>p::before{content:" + "open-quote " * 3_000 + "}"),
            ("selectors", "<style>" + "p " * 3_000 + "{color:red}</style>"),
            ("media", "<style>@media " + "print," * 3_000 + "print{p{color:red}}"),
            ("spanned", "<table><tr>" + "<td rowspan=60 colspan=60>" * 60),
            ("columns", "<table>" + "<col span=60>" * 3_400 + "<tr><td>x"),
            ("groups", "<table>" + "<colgroup span=60></colgroup>" * 3_400),
            ("line", "<hr size=999999999>"),
            ("roman", "<ol type=I start=2000000000><li>x</ol>"),
            ("item", "<ol><li value=99999999999>x</ol>"),
        ):
            with self.subTest(name=name), self.assertRaises(Fault):
                checked(f"<html><body>{body}</body></html>")

    def test_what_templates_need_is_allowed(self):
        """A sheet of many rules, spans as in real tables, a logo in a sheet."""
        rule = ".c{0},.d{0} td{{margin:1px {0}px;color:red}}"
        rules = "".join(rule.format(number) for number in range(900))
        content = base64.b64decode(PIXEL.partition(",")[2]) + bytes(4_000)
        large = "data:image/png;base64," + base64.b64encode(content).decode()
        for name, body in (
            ("rules", f"<style>{rules} @media print{{{rules}}}</style>"),
            ("image", f"<style>p{{background:url('{large}' )}}</style>"),
            ("spans", "<table>" + "<tr><td colspan=8>x</td></tr>" * 900 + "</table>"),
            ("list", "<ol start=-5><li value=12>x</ol><hr size=2><font size=+1>x"),
            ("columns", "<table><col span=3><colgroup span=2></colgroup>" * 9),
        ):
            with self.subTest(name=name):
                self.assertTrue(checked(f"<html><body>{body}</body></html>"))

    def test_a_running_header_is_on_each_page(self):
        """``element(head)`` is of the document, ``element(#head)`` a picture."""
        style = "@page{margin-top:3cm;@top-left{content:%s}}.h{position:running(head)}"
        pages = "<p>one</p><p style='break-before:page'>two</p>"
        body = f"<style>{style}</style><div class=h>Head <b>line</b></div>{pages}"
        content = self._pdf(body % "element(head)", "weasyprint")
        texts = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
        self.assertEqual(["Head line" in text for text in texts], [True, True])
        for content in ("element(#head)", "element('head')", "element()"):
            with self.subTest(content=content), self.assertRaises(Fault):
                checked(f"<html><body>{body % content}</body></html>")

    def test_entities_of_a_doctype_are_not_expanded(self):
        bomb = '<!DOCTYPE html [<!ENTITY a "XXXX"><!ENTITY b "&a;&a;">]><p>&b;</p>'
        try:
            text = checked(bomb)
        except Fault:
            return
        self.assertNotIn("XXXX</p>", text)

    def test_what_passes_the_check_ends_in_time(self):
        """Hard documents within the limits: made, or ended, and the next is made."""
        flex = "<div style='display:flex'>" * 25 + "x" + "</div>" * 25
        for name, body in (
            ("flex", flex),
            ("spans", "<table><tr>" + "<td colspan=60>x</td>" * 60 + "</tr></table>"),
            ("rows", "<table>" + "<tr><td>x</td></tr>" * 1_000 + "</table>"),
            ("floats", "<div style='float:left;width:50%'>" * 25 + "x"),
        ):
            for engine in ENGINES:
                with self.subTest(name=name, engine=engine):
                    with suppress(Fault, WorkerLost):
                        self._pdf(f"<html><body>{body}</body></html>", engine)
                    good = self._pdf("<html><body>x</body></html>", engine)
                    self.assertEqual(good[:5], b"%PDF-")

    def test_bodies_at_the_limits_of_the_slower_engine_are_answered(self):
        """Made, or ended with the limit named; the document behind each is made."""
        pool = Pool(size=1, seconds=1, deadline=60)
        self.addCleanup(pool.close)
        grid = "<div style='display:grid;grid-template-columns:"
        wide = "<tr><td rowspan=60 colspan=55>x</td></tr>" + "<tr></tr>" * 59
        many = "{%% for i in (1..%s) %%}%s{%% endfor %%}"
        bodies = {
            "deep": "<div>" * (MAX_DEPTH - 4) + "x",
            "deep flex": "<div style='display:flex'>" * (MAX_DEPTH - 4) + "x",
            "rows": f"<table>{many % (MAX_ROWS, '<tr><td>x</td></tr>')}</table>",
            "grid": grid + "1px " * 1_990 + "'>x</div>",
            "words": many % (700, "<p>{{ word }}</p>"),
            "images": f"<img src='{PIXEL}'>" * MAX_IMAGES,
            "spans": "<table>" + wide * 60 + "</table>",
        }
        task = {"format": "pdf", "engine": "weasyprint", "title": "T", "made_at": MADE}
        texts = [text for body in bodies.values() for text in (body, "x")]
        texts = [f"<html><body>{text}</body></html>" for text in texts]
        data = {"word": "x" * MAX_WORD}
        tasks = [{**task, "body": text, "data": data} for text in texts]
        answers = pool.perform_all(tasks)
        for name, answer, good in zip(
            bodies, answers[::2], answers[1::2], strict=True
        ):
            with self.subTest(name=name):
                self.assertEqual(good[:5], b"%PDF-")
                if not isinstance(answer, bytes):
                    self.assertIsInstance(answer, Fault)
                    self.assertRegex(answer.reason, "processor time|memory|at most")

    def test_checked_html_is_what_engines_read(self):
        """What is checked is written anew: no comment, no other parser's reading."""
        text = checked(
            "<!-- <img src=x> --><html><body><?php x ?><p>a<!--x-->b &lt;img&gt;</p>"
        )
        self.assertNotIn("<!--", text)
        self.assertNotIn("<?", text)
        self.assertIn("ab &lt;img&gt;", text)
