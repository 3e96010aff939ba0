"""A file of a supplier's call records goes into the table, block by block."""

import io
from hashlib import sha256

from odoo import models

from odoo.addons.voip_rating.intake.plain import plain_file

from .file import Result, blocks
from .store import store_block


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _take_file(self, data, name, layout, names, zone=None):
        """Take the call records of a file in; the same file again brings none.

        :param data: bytes of a text file, of one in gzip, or of an XLSX workbook
        :param layout: compiled format; None: generic
        :param names: {amount, rate, prefix: column of the file}
        :return: :class:`~.file.Result`, stored, duplicates
        :raises BadFile: the file cannot be read
        """
        digest = sha256(data).hexdigest()
        result, stored, duplicates = Result(), 0, 0
        stream = io.BytesIO(plain_file(data))
        for block in blocks(stream, layout, zone or self.tz, names, result):
            if len(block):
                new, known, _conflicts = store_block(self.env, block, digest, self)
                stored, duplicates = stored + new, duplicates + known
        self.record_count += stored
        self._log(
            "records",
            file=name,
            sha256=digest,
            records=stored,
            duplicates=duplicates,
            faulty=result.faulty,
        )
        return result, stored, duplicates
