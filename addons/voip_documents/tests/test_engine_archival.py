"""PDF/A-3: what the standard asks of the file, and that an invoice's XML goes into it.

No validator of the whole standard comes as a package: identification, colours, fonts
and what is forbidden are looked at here, the embedding of XML by factur-x.
"""

import subprocess
import sys
from io import BytesIO

from pypdf import PdfReader

from odoo.tests import tagged

from ..engine.faults import Fault
from .engine_common import MADE, EngineCase
from .test_engine_attacks import PIXEL

BODY = (
    "<html lang='en'><head></head><body><p>Total {{ n }} <b>é</b></p>"
    f"<img src='{PIXEL}' alt='x'></body></html>"
)
# The least that Factur-X takes (profile MINIMUM).
XML = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice
  xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:factur-x.eu:1p0:minimum</ram:ID>
 </ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
 <rsm:ExchangedDocument><ram:ID>1</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260131</udt:DateTimeString>
  </ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Us</ram:Name>
    <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
   </ram:SellerTradeParty><ram:BuyerTradeParty><ram:Name>You</ram:Name>
   </ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">20.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>120.00</ram:GrandTotalAmount>
    <ram:DuePayableAmount>120.00</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""
# In a process of its own: factur-x does not load beside Odoo's own stdnum.
EMBED = """
import sys
from facturx import generate_from_binary, get_facturx_xml_from_pdf
given, length = sys.stdin.buffer.read(), int(sys.argv[1])
made = generate_from_binary(
    given[length:], given[:length], check_xsd=True, check_schematron=False
)
name, xml = get_facturx_xml_from_pdf(made, check_xsd=True)
assert name == "factur-x.xml", name
sys.stdout.buffer.write(xml)
"""


@tagged("post_install", "-at_install")
class TestArchival(EngineCase):
    def _made(self, engine="weasyprint", variant="pdf/a-3b"):
        return self.pool.perform(
            {
                "format": "pdf",
                "engine": engine,
                "variant": variant,
                "body": BODY,
                "data": {"n": "1"},
                "title": "T",
                "made_at": MADE,
            }
        )

    def test_the_file_says_that_it_is_and_keeps_what_it_says(self):
        content = self._made()
        reader = PdfReader(BytesIO(content))
        root = reader.trailer["/Root"]
        words = root["/Metadata"].get_object().get_data().decode()
        self.assertRegex(words, r"pdfaid:part[>=\"]+3")
        self.assertRegex(words, r"pdfaid:conformance[>=\"]+B")
        [intent] = root["/OutputIntents"]
        intent = intent.get_object()
        self.assertEqual(intent["/S"], "/GTS_PDFA1")
        self.assertTrue(intent["/DestOutputProfile"].get_object().get_data())
        self.assertIn("/ID", reader.trailer)
        self.assertFalse(reader.is_encrypted)
        for forbidden in (b"/JavaScript", b"/Launch", b"/OpenAction", b"/LZWDecode"):
            self.assertNotIn(forbidden, content)
        self.assertEmbedded(reader)
        self.assertEqual(content, self._made())

    def assertEmbedded(self, reader):
        """Each font is in the file, with what its characters mean."""
        count = 0
        for page in reader.pages:
            for font in page["/Resources"]["/Font"].values():
                font = font.get_object()
                self.assertIn("/ToUnicode", font)
                below = font["/DescendantFonts"][0].get_object()
                described = below["/FontDescriptor"].get_object()
                self.assertTrue({"/FontFile2", "/FontFile3"} & set(described))
                count += 1
        self.assertGreaterEqual(count, 2)

    def test_an_electronic_invoice_goes_into_it(self):
        length = str(len(XML.encode()))
        done = subprocess.run(
            [sys.executable, "-c", EMBED, length],
            input=XML.encode() + self._made(),
            capture_output=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-800:])
        self.assertEqual(done.stdout.strip(), XML.encode().strip())

    def test_the_other_engine_refuses_it(self):
        for engine, variant in (("plutoprint", "pdf/a-3b"), ("weasyprint", "pdf/x")):
            with self.subTest(engine=engine), self.assertRaisesRegex(Fault, "PDF/A-3"):
                self._made(engine, variant)
        self.assertEqual(self._made("plutoprint", None)[:5], b"%PDF-")
