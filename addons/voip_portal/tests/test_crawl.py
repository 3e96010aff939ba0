"""Whoever logs in finds no dead link and nothing of others, page after page."""

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_calls_rates import CallsCommon
from .test_invoices_page import InvoicesCommon

# Pages that are links to others, with all the days and numbers they may have.
MOST = 60


@tagged("post_install", "-at_install")
class TestCrawl(CallsCommon, InvoicesCommon):
    def setUp(self):
        super().setUp()
        self.readers = self._customer(self.partner, "reader")
        self.account.right_ids = [
            (0, 0, {"partner_id": user.partner_id.id, "right": right})
            for user, right in ((self.user, "owner"), (self.readers, "reader"))
        ]
        self._call("441632960123", 47, "one")
        self._topup(self.foreign, 4321)

    def _crawl(self, begin):
        """{address: its page} of all that is reached from a page."""
        waiting, found = [begin], {}
        while waiting and len(found) < MOST:
            path = waiting.pop(0)
            if path in found:
                continue
            answer = self.url_open(path)
            found[path] = answer
            if "text/html" not in answer.headers["Content-Type"]:
                continue
            links = html.fromstring(answer.content).xpath("//main//a/@href")
            ours = ("/my/voip", "/my/statement")
            waiting += [link for link in links if link.startswith(ours)]
        return found

    @mute_logger("odoo.http")
    def test_no_role_finds_an_error_or_a_canary(self):
        seen = {}
        for who in ("own", "reader"):
            self._login(who)
            self.env.flush_all()
            for path, answer in self._crawl("/my/voip?account=auto-1").items():
                with self.subTest(who=who, path=path):
                    self.assertEqual(answer.status_code, 200)
                    for canary in ("Canary", "CANARY", "4,321", "0.777", "777.77"):
                        self.assertNotIn(canary, answer.text)
                seen.setdefault(who, set()).add(path)
        self.assertGreater(len(seen["own"]), 15)

    @mute_logger("odoo.http")
    def test_a_stranger_who_knows_the_addresses_finds_none(self):
        self._login()
        self.env.flush_all()
        known = [path for path in self._crawl("/my/voip?account=auto-1") if "=" in path]
        self._login("stranger")
        for path in known:
            with self.subTest(path):
                self.assertEqual(self.url_open(path).status_code, 404)
