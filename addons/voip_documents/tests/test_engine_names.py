"""Names of files: plain wherever they go, whatever they are made of."""

from contextlib import suppress
from email.parser import BytesParser, HeaderParser
from email.policy import HTTP, default

from odoo.http import content_disposition
from odoo.tests import BaseCase, tagged

from odoo.addons.voip_billing_base.tests.attack_texts import NAMES

from ..delivery.mail import Mail
from ..delivery.smtp import POLICY, message_of
from ..engine.cells import file_name
from ..engine.table import sheet_name
from .names_common import PlainNames

HEADINGS = sorted(
    (
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    )
)


@tagged("post_install", "-at_install")
class TestNames(PlainNames, BaseCase):
    def test_there_are_enough_names(self):
        self.assertGreaterEqual(len(set(NAMES)), 80)

    def test_documents(self):
        for text in NAMES:
            for ending in ("pdf", "xlsx", "csv"):
                with self.subTest(text=text, ending=ending):
                    self.assertPlainName(file_name(text, ending))

    def test_headers_of_downloads(self):
        for text in NAMES:
            name = file_name(text, "pdf")
            with self.subTest(text=text):
                header = content_disposition(name)
                self.assertTrue(header.isascii() and header.isprintable())
                parsed = HeaderParser(policy=HTTP).parsestr(
                    f"Content-Disposition: {header}\n\n"
                )
                self.assertEqual(parsed.get_content_disposition(), "attachment")
                self.assertEqual(parsed.get_filename(), name)
                self.assertEqual(len(parsed.keys()), 1)

    def test_attachments_of_mails(self):
        for text in NAMES:
            name = file_name(text, "pdf")
            with self.subTest(text=text):
                read = self._sent(files=((name, "application/pdf", b"%PDF-"),))
                [file] = read.iter_attachments()
                self.assertEqual(file.get_filename(), name)
                self.assertEqual(file.get_content(), b"%PDF-")

    def test_subjects_and_people_of_mails(self):
        """Written as they are, or the mail is refused: no heading comes of them."""
        written = 0
        for text in NAMES:
            for values in ({"subject": text}, {"to": ((text, "ann@x.test"),)}):
                with self.subTest(**values), suppress(ValueError, UnicodeError):
                    read = self._sent(**values)
                    self.assertEqual(sorted(read.keys()), HEADINGS)
                    self.assertEqual(len(read["To"].addresses), 1)
                    self.assertEqual(read["To"].addresses[0].addr_spec, "ann@x.test")
                    written += 1
        self.assertGreater(written, len(NAMES))

    def _sent(self, **values):
        """A mail as who receives it reads it."""
        plain = {"to": (("Ann", "ann@x.test"),), "subject": "S", "html": "<p>x</p>"}
        sender = ("Us", "us@x.test")
        message = message_of(Mail("key", sender, **{**plain, **values}))
        content = message.as_bytes(policy=POLICY)
        return BytesParser(policy=default).parsebytes(content)

    def test_sheets(self):
        for text in NAMES:
            with self.subTest(text=text):
                name = sheet_name(text)
                self.assertTrue(0 < len(name) <= 31)
                self.assertFalse(set("[]:*?/\\") & set(name))
                self.assertFalse(name.startswith("'") or name.endswith("'"))
