"""What people see: filters, answers of buttons, the paper."""

from ast import literal_eval
from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree, html

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..records.voip_cdr_error import CODES
from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestScreens(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "destination": "UK", "price_per_minute": "0.5"}]
        cls.deck = cls._create_deck(rates=rates)
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()

    def _ingest(self, *called, day=5, rate_now=True):
        moment = f"2026-10-{day:02}T10:00:00Z"
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": f"screen-{day}-{number}",
                    "called": number,
                    "start": moment,
                    "answer": moment,
                    "duration": "90",
                    "trunk": self.trunk.code,
                }
                for number in called
            ],
            rate_now=rate_now,
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _bill(self, cutoff=datetime(2026, 11, 5, 12)):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": cutoff,
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        self.answer = run.action_run()
        return run.move_ids

    def _said(self, action):
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]

    def _paper(self, move):
        """The rows of a document's lines: {cell name: text}."""
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        rows = html.fromstring(content).xpath("//tbody[@class='invoice_tbody']/tr")
        return [
            {cell.get("name"): " ".join(cell.text_content().split()) for cell in row}
            for row in rows
        ]

    # === Pages === #

    def _fields(self, model, kind, **context):
        """Fields of a page that it shows when it is opened: {name: element}.

        Of a field that is there twice the last choice of a column counts for both.
        """
        arch = etree.fromstring(self.env[model].get_view(view_type=kind)["arch"])
        nodes = list(arch.iter("field"))
        choices = {
            node.get("name"): node.get("optional")
            for node in nodes
            if node.get("optional")
        }
        return {
            node.get("name"): node
            for node in nodes
            if not (node.get("optional") and choices[node.get("name")] == "hide")
            and node.get("invisible") not in ("1", "True")
            and not safe_eval(node.get("column_invisible", "0"), {"context": context})
        }

    def test_rows_of_sheets_and_notices_fit_a_page_of_1440_pixels(self):
        for model in ("voip.rate.import.row", "voip.rate.notice.row"):
            for status in ("", "closed", "agreed"):
                shown = self._fields(model, "list", status=status)
                # Odoo's own: 9 pixels beside each column, boxes at both ends.
                widths = [
                    int(node.get("width").removesuffix("px")) + 9
                    for node in shown.values()
                ]
                moments = [
                    int(node.get("width").removesuffix("px"))
                    for name, node in shown.items()
                    if self.env[model]._fields[name].type == "datetime"
                ]
                with self.subTest(model, status=status):
                    self.assertLessEqual(sum(widths), 1440 - 72)
                    # "Sep 30, 2025, 12:00 AM" takes 169 pixels.
                    self.assertGreaterEqual(min(moments), 170)

    def test_why_a_notice_was_not_delivered_is_in_the_list(self):
        self.assertIn("failure", self._fields("voip.rate.notice", "list"))

    def test_destinations_of_rows_are_told_apart(self):
        for model in ("import.row", "import.sale", "notice.row", "comparison.line"):
            field = self._fields(f"voip.rate.{model}", "list")["label"]
            with self.subTest(model):
                self.assertIn("text-wrap", field.get("class", ""))
        offers = self._fields("voip.rate.comparison.line", "list")["offer_text"]
        self.assertEqual(offers.get("class"), "text-wrap")
        columns = self.env["voip.rate.import"].get_view(view_type="form")["arch"]
        found = etree.fromstring(columns).find(".//field[@name='column_ids']/list")
        wrapped = found.findall("field[@class='text-wrap text-break']")
        names = [field.get("name") for field in wrapped]
        self.assertEqual(names, ["header", "sample"])

    def test_what_a_column_is_breaks_between_words_alone(self):
        columns = self.env["voip.rate.import"].get_view(view_type="form")["arch"]
        path = ".//field[@name='column_ids']/list/field[@name='target']"
        target = etree.fromstring(columns).find(path)
        self.assertEqual(target.get("class"), "text-wrap")

    def test_rows_of_a_sheet_say_when_a_code_ends_and_what_it_costs_then(self):
        model = "voip.rate.import.row"
        self.assertLessEqual({"ends", "falls_to"}, self._fields(model, "list").keys())
        shown = self._fields(model, "list", status="closed").keys()
        self.assertLessEqual({"old_price", "ends", "falls_to", "falls_price"}, shown)
        self.assertFalse({"price", "change", "starts"} & shown)

    def test_an_import_says_side_and_currency_of_its_deck(self):
        shown = self._fields("voip.rate.import", "form").keys()
        self.assertLessEqual({"side", "currency_id"}, shown)

    def test_titles_that_are_links_are_as_wide_as_their_page(self):
        views = self.env["ir.ui.view"].search(
            [
                ("model", "=like", "voip.%"),
                ("type", "=", "form"),
                ("mode", "=", "primary"),
            ]
        )
        for view in views:
            fields = self.env[view.model]._fields
            for node in etree.fromstring(view.arch).xpath("//h1/field[@name]"):
                if fields[node.get("name")].type == "many2one":
                    with self.subTest(view.xml_id):
                        self.assertEqual(node.get("class"), "w-100")

    # === The error queue === #

    def test_every_reason_is_in_one_filter_of_the_error_queue(self):
        view = self.env["voip.cdr.error"].get_view(view_type="search")
        domains = [
            Domain(literal_eval(node.get("domain")))
            for node in etree.fromstring(view["arch"]).iter("filter")
            if "'code'" in node.get("domain", "")
        ]
        errors = [
            self.env["voip.cdr.error"].new({"code": code}) for code, _name in CODES
        ]
        found = {
            error.code: sum(bool(error.filtered_domain(domain)) for domain in domains)
            for error in errors
        }
        self.assertEqual(found, dict.fromkeys(found, 1))

    def test_rate_again_says_what_was_rated_and_what_is_left(self):
        batch = self._ingest("442071234567", "9990000000", "9980000000")
        first, second = batch.error_ids
        first.fix_called = "442071234568"
        self.assertEqual(
            self._said(batch.error_ids.action_rate_again()),
            "1 rated, 1 still in error.",
        )
        second.fix_called = "442071234569"
        self.assertEqual(
            self._said(batch.action_rate_errors()), "1 rated, 0 still in error."
        )

    def test_dismissed_errors_are_counted_and_recorded_once(self):
        errors = self._ingest("9990000000", "9980000000").error_ids
        errors.note = "Test calls"
        self.assertEqual(self._said(errors[0].action_dismiss()), "1 dismissed.")
        self.assertEqual(self._said(errors.action_dismiss()), "1 dismissed.")
        recorded = self.env["voip.audit"].search(
            [("event", "=", "cdr_dismissed"), ("res_id", "in", errors.ids)]
        )
        self.assertEqual(len(recorded), 2)

    # === Calls === #

    def test_a_span_that_is_chosen_replaces_the_last_31_days(self):
        """One filter of a date: its options replace each other, months too."""
        for model, field, action in (
            ("voip.cdr", "start", "voip_rating.voip_cdr_action"),
            ("voip.usage", "started_at", "voip_billing_base.voip_usage_action"),
        ):
            with self.subTest(model=model):
                arch = etree.fromstring(
                    self.env[model].get_view(view_type="search")["arch"]
                )
                (span,) = arch.xpath(f"//filter[@date='{field}']")
                options = [f"custom_{option.get('name')}" for option in span]
                self.assertIn(span.get("default_period"), options)
                context = literal_eval(self.env.ref(action).context)
                self.assertEqual(context, {f"search_default_{span.get('name')}": 1})

    def test_calls_group_by_month_over_the_span_that_is_chosen(self):
        self._ingest("442071234567", day=5)
        viewer = new_test_user(
            self.env, "v", "base.group_user,voip_billing_base.group_voip_viewer"
        )
        groups = (
            self.env["voip.usage"]
            .with_user(viewer)
            .formatted_read_group(
                [
                    ("started_at", ">=", "2026-01-01 00:00:00"),
                    ("started_at", "<=", "2026-12-31 23:59:59"),
                ],
                ["started_at:month"],
                ["__count"],
            )
        )
        self.assertEqual([group["__count"] for group in groups], [1])
        inside = self.env["voip.usage"].with_user(viewer)
        self.assertTrue(inside.search(groups[0]["__extra_domain"]))
        self.assertFalse(inside.search([]))

    def test_from_a_call_to_its_charge_and_back(self):
        batch = self._ingest("442071234567", "442071234568")
        call = self.env["voip.cdr"].search([("call_id", "=", "screen-5-442071234567")])
        charges = self.env["voip.usage"].search(call.action_view_usage()["domain"])
        self.assertEqual(charges.mapped("source_id"), [call.id])
        self.assertEqual(charges.action_view_call()["res_id"], call.id)
        rate = self.env["voip.rate"].browse(charges.action_view_rate()["res_id"])
        self.assertEqual(rate, self.deck.rate_ids)
        batch.action_undo()
        charges = self.env["voip.usage"].search(call.action_view_usage()["domain"])
        self.assertEqual(sorted(charges.mapped("kind")), ["rated", "reversal"])

    # === Batches === #

    def test_a_batch_says_what_it_rated_and_what_its_undo_reversed(self):
        batch = self._ingest("442071234567", "9990000000", rate_now=False)
        self.assertEqual(self._said(batch.action_rate()), "1 rated, 1 in error.")
        self.assertIn("1 charges reversed", self._said(batch.action_undo()))

    def test_what_is_said_is_read_after_the_money_transaction(self):
        """The request's own transaction still sees what was there before."""
        batch = self._ingest("9990000000", rate_now=False)
        told = []

        def run_apart(env, func):
            return func(env(context={**env.context, "apart": True}))

        def tell(records):
            told.append((records._name, records.env.context.get("apart")))

        for model, action in (
            ("voip_cdr_batch", batch.action_rate),
            ("voip_cdr_error", batch.action_rate_errors),
        ):
            module = f"odoo.addons.voip_rating.records.{model}"
            cls = type(self.env[model.replace("_", ".")])
            with (
                patch(f"{module}.run_money", run_apart),
                patch.object(cls, "_tell_rated", tell),
            ):
                action()
        self.assertEqual(told, [("voip.cdr.batch", True), ("voip.cdr.error", True)])

    # === Usage invoices === #

    def test_a_usage_invoice_has_no_button_to_reopen_it(self):
        self._ingest("442071234567")
        invoice = self._bill()
        self.assertEqual(self._said(self.answer), "1 accounts invoiced, 0 failed.")
        self.assertFalse(invoice.show_reset_to_draft_button)
        with self.assertRaisesRegex(UserError, "press Credit Note"):
            invoice.button_draft()
        with Form(invoice) as form:
            self.assertFalse(form.show_reset_to_draft_button)
        refund = invoice.sudo()._reverse_moves()
        refund.action_post()
        self.assertTrue(refund.show_reset_to_draft_button)

    def test_the_paper_prints_the_exchange_rates_that_were_applied(self):
        dong = self.env.ref("base.VND")
        dong.active = True
        dong.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": dong.id, "name": "2026-01-01", "rate": 25_000},
                {"currency_id": dong.id, "name": "2026-10-07", "rate": 32_000},
            ]
        )
        rates = [{"prefix": "44", "price_per_minute": "25000"}]
        self.account.deck_id = self._create_deck(currency_id=dong.id, rates=rates)
        for day in (3, 5, 7, 9):
            self._ingest("442071234567", day=day)
        invoice = self._bill()
        currency = self.env.company.currency_id.name
        self.assertEqual(
            invoice._voip_exchange_notes(),
            [
                (
                    f"Rates in VND are converted to {currency} at the exchange rate of"
                    " each call's day:",
                    [
                        f"10/03/2026 – 10/05/2026: 1 VND = 0.00004 {currency}",
                        f"10/07/2026 – 10/09/2026: 1 VND = 0.00003125 {currency}",
                    ],
                )
            ],
        )
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", invoice.ids
        )
        self.assertIn("1 VND = 0.00003125", html.fromstring(content).text_content())
        self.assertTrue(self._paper(invoice)[0]["td_voip_rate"].endswith(" VND"))

    def test_a_paper_in_the_currency_of_its_rates_prints_no_exchange_rate(self):
        self._ingest("442071234567")
        self.assertEqual(self._bill()._voip_exchange_notes(), [])

    def test_a_credit_note_of_usage_counts_what_it_credits(self):
        batch = self._ingest("442071234567", "442071234568")
        printed = self._paper(self._bill())
        batch.action_undo()
        refund = self._bill(cutoff=datetime(2026, 12, 5, 12))
        self.assertEqual(refund.move_type, "out_refund")
        self.assertEqual(self._paper(refund)[0]["td_voip_calls"], "2")
        for row, before in zip(self._paper(refund), printed, strict=True):
            for name in ("td_voip_calls", "td_voip_minutes", "td_voip_rate"):
                self.assertEqual(row[name], before[name])
        self.assertEqual(refund.invoice_line_ids.voip_counted, 2)
        self.assertEqual(refund.invoice_line_ids.voip_minutes, 3)
        self.assertWhole()
