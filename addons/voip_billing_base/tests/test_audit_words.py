"""What the audit trail shows is read by people."""

from odoo.tests import Form, tagged

from .common import VoipBillingCommon

SHOWN = [
    (
        "account_terms",
        {"mode": ["prepaid", "postpaid"]},
        "Mode: Prepaid → Postpaid",
    ),
    (
        "account_terms",
        {"credit_limit": [0.0, 10000.5]},
        "Credit Limit: 0.00 → 10,000.50",
    ),
    (
        "account_terms",
        {"consolidated_billing": [False, True]},
        "Consolidated Billing: No → Yes",
    ),
    (
        "account_state",
        {"before": "active", "after": "closed", "reason": "x"},
        "Change: Active → Closed; Reason: x",
    ),
    (
        "billing_run",
        {"errors": 0, "totals": {"EUR": "-9664.54300000"}},
        "Errors: 0; Totals: -9,664.543 EUR",
    ),
    ("credit_used_up", {"something_new": {}}, "Something new: –"),
]


@tagged("post_install", "-at_install")
class TestAuditWords(VoipBillingCommon):
    def setUp(self):
        super().setUp()
        self.account = self._create_account(name="Castor")

    def _last(self, event, data, record=None):
        self.env["voip.audit"]._log(event, record, data, company=self.env.company)
        return self.env["voip.audit"].search([], order="id desc", limit=1)

    def test_values_are_in_words_of_their_fields(self):
        partner = self.account.partner_id
        customer = (
            "account_terms",
            {"partner_id": [False, partner.id]},
            f"Customer: – → {partner.display_name}",
        )
        fields = self.account._fields
        for event, data, expected in (*SHOWN, customer):
            with self.subTest(data=data):
                for name in data.keys() & fields.keys():
                    word = expected.partition(":")[0]
                    own = fields[name]._description_string(self.env)
                    expected = expected.replace(word, own, 1)
                entry = self._last(event, data, self.account)
                self.assertEqual(entry.summary, expected)

    def test_an_entry_names_its_event_and_its_record(self):
        entry = self._last("topup", {"amount": "9.00"}, self.account)
        self.assertEqual(entry.display_name, f"{entry.seq}: Top-up")
        self.assertIn(self.account.display_name, entry.subject)
        with Form(entry) as form:
            self.assertIn("9.00", form.particulars)

    def test_what_is_recorded_is_shown_as_text_not_as_markup(self):
        entry = self._last("topup", {"reason": "<b>now</b>"}, self.account)
        self.assertIn("&lt;b&gt;now&lt;/b&gt;", entry.particulars)
