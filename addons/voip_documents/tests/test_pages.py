"""Pages of documents in a browser: a workbook's mapping, and texts that attack."""

import base64
import json
from io import BytesIO

from lxml import html
from openpyxl import Workbook, load_workbook

from odoo.tests import HttpCase, tagged

from odoo.addons.voip_billing_base.tests.attack_texts import SCRIPTS

from ..models.changes import changes_html
from ..models.voip_document_template_preview import table_html
from ..netting.sample import sample_request
from ..statements.words import statement_words
from .common import DocumentCommon
from .test_scripts import filled, shape

# Shows each fragment as a page of its own and tells whether anything ran in it.
SHOW = """
const texts = await (await fetch("/voip_documents_tour/pages.txt")).json();
let ran = 0;
window.addEventListener("message", () => ran++);
window.alert = () => ran++;
for (const text of texts) {
    const frame = document.createElement("iframe");
    const loaded = new Promise((done) => (frame.onload = done));
    frame.srcdoc = "<body><script>window.alert=()=>parent.alert()<\\/script>" + text;
    document.body.append(frame);
    await loaded;
    ran += frame.contentWindow.xssHit || 0;
    frame.remove();
}
await new Promise((done) => setTimeout(done, 500));
console.log(ran === WANTED ? "test successful" : `${ran} texts ran`);
if (ran !== WANTED) { console.error(`${ran} texts ran`); }
"""


def workbook(*rows):
    book, stream = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


@tagged("post_install", "-at_install", "voip_browser")
class TestPages(DocumentCommon, HttpCase):
    def fetch_proxy(self, url):
        self.strangers.append(url)
        return super().fetch_proxy(url)

    def setUp(self):
        super().setUp()
        self.strangers = []

    def _serve(self, name, content):
        self.env["ir.attachment"].create(
            {
                "name": name,
                "url": f"/voip_documents_tour/{name}",
                "datas": base64.b64encode(content),
                "public": True,
            }
        )

    def test_a_workbook_is_uploaded_mapped_published_and_filled(self):
        self._serve("wrong.xlsx", workbook(["{{ nothing_here }}"]))
        self._serve(
            "good.xlsx",
            workbook(["{{ number }}"], ["{{ line.name }}", "=1+1"], ["{{ date }}" * 9]),
        )
        template = self._create_template(format="xlsx", account_id=self.account.id)
        self._edit_by_tour(template, "voip_workbook_tour")
        self.assertEqual(template.version_id.number, 2)
        made = base64.b64decode(self._render("xlsx")["content"])
        sheet = load_workbook(BytesIO(made)).active
        self.assertEqual(sheet["A1"].value, self.invoice.name)
        self.assertIn("=Fee & more", [cell.value for cell in sheet["A"]])
        self.assertEqual(sheet["B2"].value, "=1+1")

    def _fragments(self, text):
        """{name: HTML} of what our pages show of ``text``."""
        render = self.env["ir.qweb"]._render
        row = dict.fromkeys(("date", "document", "description", "balance"), text)
        amounts = dict.fromkeys(("opening", "closing", "debit", "credit"), text)
        statement = {
            "currency": text,
            "rows": [{**row, "kind": "payment", "debit": text, "credit": text}],
            "left_out": 0,
            **amounts,
            "ageing": [("current", text)],
            "unbilled": text,
        }
        words = statement_words(self.env)
        layout = self._data()["format"]
        data = sample_request(self.env, layout, {"code": "en_US"})
        shown = {"labels": words, "statements": [statement]}
        return {
            "statement": render("voip_documents.statement_content", shown),
            "netting": render(
                "voip_documents.netting_result", {"data": filled(data, text)}
            ),
            "table": table_html([[text, text]]),
            "changes": changes_html("", text) or "",
            "choices": self._choices(text),
        }

    def _choices(self, text):
        """The templates of an account, one of them called ``text``."""
        self.template.name = text
        return self.account._document_templates_table()

    def test_no_text_runs_or_fetches_in_a_browser(self):
        self.template = self._create_template(account_id=self.account.id)
        plain = {n: shape(f"<p>{v}") for n, v in self._fragments("plain").items()}
        pages = []
        for text in SCRIPTS:
            text = text.replace("\x00", "").replace("U", "http://stranger.test/x")
            for name, made in self._fragments(text).items():
                with self.subTest(page=name, text=text):
                    found = html.fromstring(f"<p>{made}")
                    self.assertIn(text.split()[0], " ".join(found.itertext()))
                    if "\n" not in text:
                        self.assertEqual(shape(f"<p>{made}"), plain[name])
                pages.append(str(made))
        self.assertEqual(len(pages), 5 * len(SCRIPTS))
        self._show(pages, 0)
        self.assertEqual(self.strangers, [])

    def test_what_is_not_escaped_would_be_seen(self):
        self._show(
            ["<script>window.xssHit=1</script>", "<img src=x onerror=alert(1)>"], 2
        )
        self._show(["<img src='http://stranger.test/x'>"], 0)
        self.assertEqual(self.strangers, ["http://stranger.test/x"])

    def _show(self, pages, wanted):
        self.env["ir.attachment"].search(
            [("url", "=", "/voip_documents_tour/pages.txt")]
        ).unlink()
        self._serve("pages.txt", json.dumps(pages).encode())
        code = SHOW.replace("WANTED", str(wanted))
        self.browser_js("/web/login", f"(async () => {{{code}}})()", timeout=180)
