"""Pages of the back office with names that attack: shown as text, nothing runs."""

import base64
import json

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.tests.attack_texts import NAMES
from odoo.addons.voip_billing_base.tests.browser import whole_console

from .names_common import PlainNames
from .outbox_common import OutboxCommon
from .test_pages import workbook

EVIL = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
GROUPS = (
    "voip_billing_base.group_voip_manager",
    "account.group_account_manager",
    "base.group_partner_manager",
)
# The web client forbids frames: its own action service opens one page after the other.
# Groups of lists are opened. Tells what ran, what became an element, and which pages
# did not show the name at all.
SHOW = """
const pages = PAGES, view = ".o_action_manager .o_VIEW_view";
const made = "img[onerror], img[src='x']";
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const action = odoo.__WOWL_DEBUG__.root.env.services.action;
const bad = [];
for (const [name, viewType, resId] of pages) {
    await action.doAction(name, {
        viewType, props: resId ? { resId } : {}, clearBreadcrumbs: true,
    });
    let shown = false;
    for (let turn = 0; turn < 50 && !shown; turn++) {
        await wait(200);
        const page = document.querySelector(view.replace("VIEW", viewType));
        if (!page) continue;
        const closed = page.querySelectorAll(".o_group_header:not(.o_group_open)");
        for (const group of closed) {
            group.click();
            await wait(200);
        }
        const fields = [...page.querySelectorAll("input, textarea")];
        const said = page.innerText + fields.map((el) => el.value).join(" ");
        shown = said.includes("onerror=window.ran=1");
    }
    await wait(500);
    const count = document.querySelectorAll(made).length;
    if (!shown || window.ran || count) {
        const said = document.querySelector(".o_action_manager").innerText;
        bad.push(`${name} ${viewType}: shown ${shown}, ran ${window.ran}, `
            + `elements ${count}, page: ${said.slice(0, 500)}`);
    }
}
bad.length ? console.error(bad.join("; ")) : console.log("test successful");
"""


@tagged("post_install", "-at_install", "voip_browser")
class TestForms(OutboxCommon, HttpCase):
    def _records(self):
        """{action: records of it that have the name}."""
        self.account.name = self.account.partner_id.name = EVIL
        invoice = self._create_invoice(self.account)
        template = self._create_template(account_id=self.account.id, name=EVIL)
        documents = self.env["voip.document"]._make(invoice)
        invoice.action_voip_send()
        mails = self.env["voip.delivery"]
        netting = {"partner_id": self.account.partner_id.id}
        pause = {"email": EVIL, "company_id": self.env.company.id, "reason": EVIL}
        run = self.env["voip.document.run"]._start(invoice)
        run.sudo().write({"name": EVIL})
        return {
            "document": documents[:1],
            "document_template": template,
            "document_run": run,
            "delivery": mails.search([("move_id", "=", invoice.id)]),
            "delivery_pause": self.env["voip.delivery.pause"].sudo().create(pause),
            "netting": self.env["voip.netting"].create(netting),
        }

    def test_names_are_texts_in_every_list_and_form(self):
        user = new_test_user(
            self.env,
            "form-reader",
            groups=",".join(GROUPS),
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        pages = []
        for name, records in self._records().items():
            action = f"voip_documents.voip_{name}_action"
            pages.append((action, "list", False))
            if name != "delivery_pause":  # it has a list only
                pages.append((action, "form", records.id))
        self.assertEqual(len(pages), 11)
        self.env.flush_all()
        code = SHOW.replace("PAGES", json.dumps(pages))
        with whole_console():
            self.browser_js(
                "/odoo",
                f"(async () => {{{code}}})()",
                ready="odoo.isReady === true",
                login=user.login,
                timeout=300,
            )


@tagged("post_install", "-at_install")
class TestUploadedNames(PlainNames, OutboxCommon):
    def test_a_workbook_may_have_any_name(self):
        """What somebody called his file goes into no name of a file that we make."""
        content = base64.b64encode(workbook(["{{ number }}"]))
        template = self._create_template(format="xlsx", account_id=self.account.id)
        for text in (*NAMES, EVIL):
            with self.subTest(text):
                name = text.replace("\x00", "").encode(errors="ignore").decode()
                template.write({"workbook": content, "workbook_name": name})
                template.action_publish()
                self.assertPlainName(self._render("xlsx")["name"])
        self.assertNotIn(EVIL, template.version_id.changes_html or "")
        self.assertNotIn(EVIL, template.message_ids[:1].body)

    def test_attachments_have_plain_names(self):
        """The number of a document, which may be typed, is the name of its files."""
        texts = ("../../etc/passwd", "a\r\nBcc: x@y.test", EVIL, "CON")
        # Before any is renamed: Odoo counts on from no number of two lines.
        invoices = [self._create_invoice(self.account) for _text in texts]
        for text, invoice in zip(texts, invoices, strict=True):
            with self.subTest(text):
                self.env.cr.execute(
                    "UPDATE account_move SET name = %s WHERE id = %s",
                    [text, invoice.id],
                )
                invoice.invalidate_recordset()
                invoice.action_voip_send()
                self._run()
                names = [file["name"] for file in self.server.mails[-1]["attachment"]]
                self.assertEqual(len(names), 3)
                for name in names:
                    self.assertPlainName(name)
