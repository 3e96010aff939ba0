"""The request as data and on paper."""

from odoo.tests import tagged
from odoo.tools import file_open

from ..context.figures import layout_of
from ..engine.job import perform
from ..netting.document import context_of
from ..netting.sample import sample_request
from .netting_common import NettingCommon

MADE = "2026-01-31T00:00:00Z"


def shape(value):
    """Names and kinds of what is in plain data."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@tagged("post_install", "-at_install")
class TestNettingDocument(NettingCommon):
    def setUp(self):
        super().setUp()
        self._account()
        self.customer.name = "Acme <& Sons>"
        self.invoice, self.bill = self._invoice(100), self._bill(60, ref="THEIR-7")
        self._invoice(30, self.eur)
        disputed = self._bill(10, self.eur)
        self.netting = self._netting()
        self._rate(self.netting, self.gbp, "1.5", self.eur)
        self._line(self.netting, disputed).withheld = "disputed"
        self._ask(self.netting)
        self.data = context_of(self.netting, link="https://example.com/x")

    def _sample(self):
        layout = layout_of(self.env, "en_US", self.own)
        language = {"code": "en_US", "is_right_to_left": False}
        return sample_request(self.env, layout, language)

    def test_the_sample_has_the_shape_of_a_real_request(self):
        real, sample = shape(self.data), shape(self._sample())
        for one in (real, sample):
            one.pop("format")
            one.pop("company")["address"] = one.pop("customer")["address"] = []
            one["currencies"][0]["left_out"] = []
        self.assertEqual(sample, real)
        self.assertEqual(set(self.data["company"]), set(self._sample()["company"]))
        self.assertEqual(set(self.data["customer"]), set(self._sample()["customer"]))

    def test_the_request_is_printed_by_either_engine(self):
        with file_open("voip_documents/templates/netting_request.html") as shipped:
            body = shipped.read()
        for data in (self.data, self._sample()):
            for engine in ("plutoprint", "weasyprint"):
                task = {"format": "pdf", "engine": engine, "body": body, "data": data}
                made = perform({**task, "title": "T", "made_at": MADE})
                self.assertTrue(made.startswith(b"%PDF"))

    def test_every_amount_is_an_exact_text(self):
        for one in self.data["currencies"]:
            for name in ("theirs", "ours", "left", "theirs_netted", "ours_netted"):
                self.assertRegex(one[name], r"^\d+\.\d\d$")
            for item in one["items"]:
                self.assertEqual(bool(item["theirs"]), item["side"] == "theirs")
                self.assertNotEqual(bool(item["theirs"]), bool(item["ours"]))
        (out,) = (i for c in self.data["currencies"] for i in c["left_out"])
        self.assertEqual((out["why"], out["open"]), ("disputed", "10.00"))

    def test_words_are_the_partners(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        data = context_of(self.netting)
        self.assertEqual(data["language"]["code"], "fr_FR")
        self.assertEqual(data["format"]["decimal_point"], ",")
        self.assertIn("60,00", data["currencies"][-1]["ours_text"] + data[
            "currencies"][0]["ours_text"])
