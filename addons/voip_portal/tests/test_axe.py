"""Every page of the customer has names, heads, order and contrast as axe-core asks."""

import json
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.browser import whole_console

from ..technical.keys import make_key
from .test_calls_rates import CallsCommon
from .test_pages import PAGES

AXE = Path(__file__).with_name("axe") / "axe.min.js"
# Each page in a frame as wide as a phone, where tables scroll, too; what Odoo's own
# header and footer lack is not ours.
WALK = """
(async () => {
    const source = %s, found = [];
    for (const page of %s) {
        const frame = document.createElement("iframe");
        frame.style = "width:390px;height:900px";
        frame.src = page;
        const loaded = new Promise((done) => (frame.onload = done));
        document.body.prepend(frame);
        await loaded;
        frame.contentWindow.eval(source);
        const result = await frame.contentWindow.axe.run("main", {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        });
        for (const one of result.violations) {
            const places = one.nodes.map((node) => node.html.slice(0, 200));
            found.push(`${page} ${one.id}: ${places.join(" | ")}`);
        }
        frame.remove();
    }
    if (found.length) {
        console.error(found.join("\\n"));
    } else {
        console.log("test successful");
    }
})().catch((error) => console.error(String(error)));
"""


class AxeCommon:
    """For test cases of the portal: no page has what axe-core finds."""

    def assertAccessible(self, pages, code="auto-1", who="portal_own"):
        """:param pages: paths under ``/my/voip`` of pages of the account ``code``
        :param who: login of the reader
        """
        self.env.flush_all()
        paths = [f"/my/voip{page}{'&' if '?' in page else '?'}" for page in pages]
        asked = [f"{path}account={code}" for path in paths]
        script = WALK % (json.dumps(AXE.read_text()), json.dumps(asked))
        try:
            with whole_console():
                self.browser_js(asked[0], script, login=who, timeout=120)
        except AssertionError as error:
            # Without the half megabyte that was run.
            told = str(error).rpartition("failed\n\n")[2]
            raise self.failureException(told) from None


@tagged("post_install", "-at_install")
class TestAxe(AxeCommon, CallsCommon):
    def test_every_page_is_accessible(self):
        self._call("441632960123", 47, "one")
        self._use(self.account, self.env.cr.now().date(), "Germany", "1.10")
        self.token.payment_details = "4242"
        self.provider.is_published = True
        own = self.env(user=self.user)
        password = "portal_own"  # noqa: S105  of this user alone
        make_key(own, "Robot", "voip_portal.read", "30", password)
        pages = [page for page in PAGES if not page.endswith(("/file", "/pay"))]
        self.assertAccessible(["/topup?amount=25", "/rates?number=44123", *pages])
