"""Files are removed once a company need not keep them; their record stays.

A file that was sent is kept for the legal time, whatever else is set. Years count from
the end of the calendar year in which a file was made or sent, as tax laws count them; a
day on either side keeps it as long in every time zone.
"""

import logging
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..delivery.states import LEFT

_logger = logging.getLogger(__name__)
BATCH = 200
# Mails that are over: what others carry is needed.
OVER = [*LEFT, "cancelled"]
DUE = """
SELECT d.id FROM voip_document d JOIN res_company c ON c.id = d.company_id
 WHERE d.removed_at IS NULL AND c.voip_keep_years > 0
   AND date_part('year', COALESCE(d.sent_at, d.create_date) + interval '1 day')
       + CASE d.state WHEN 'sent' THEN GREATEST(c.voip_keep_years, c.voip_legal_years)
                      ELSE c.voip_keep_years END
       < date_part('year', %(now)s - interval '1 day')
   AND NOT EXISTS (
       SELECT FROM voip_delivery_voip_document_rel r
         JOIN voip_delivery m ON m.id = r.voip_delivery_id
        WHERE r.voip_document_id = d.id AND NOT m.state = ANY(%(over)s))
 ORDER BY d.id LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED
"""


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_keep_years = fields.Integer(
        string="Keep Files for (years)",
        help="Files of documents are removed after so many calendar years; 0: never.",
    )
    voip_legal_years = fields.Integer(
        string="Legal Time (years)",
        default=10,
        help="A file that was sent is kept for so many calendar years at the least.",
    )

    _voip_keep_years_bounds = models.Constraint(
        "CHECK (voip_keep_years BETWEEN 0 AND 100 AND voip_legal_years BETWEEN 0 AND"
        " 100)",
        "Files are kept for 0 to 100 years.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_keep_years = fields.Integer(
        related="company_id.voip_keep_years", readonly=False
    )
    voip_legal_years = fields.Integer(
        related="company_id.voip_legal_years", readonly=False
    )


class VoipDocument(models.Model):
    _inherit = "voip.document"

    removed_at = fields.Datetime(
        string="File Removed",
        readonly=True,
        copy=False,
        help="The company need not keep it any more; its SHA-256 stays.",
    )

    # === CRON METHODS === #

    @api.model
    def _cron_remove_files(self):
        """Remove what no company need keep any more."""
        while count := self._remove_due():
            if not self.env["ir.cron"]._commit_progress(count):
                return

    # === BUSINESS METHODS === #

    @api.model
    def _remove_due(self):
        """Remove the next files; how many there were."""
        self.env.flush_all()
        self.env.cr.execute(
            DUE, {"now": self.env.cr.now(), "over": OVER, "batch": BATCH}
        )
        documents = self.browse(row[0] for row in self.env.cr.fetchall())
        for document in documents:
            document._remove_file()
        return len(documents)

    def _remove_file(self):
        data = {
            "document": self.name,
            "sha256": self.sha256,
            "made": fields.Datetime.to_string(self.create_date),
            "sent": fields.Datetime.to_string(self.sent_at) if self.sent_at else "",
        }
        self.env["voip.audit"]._log("document_removed", self, data)
        self._put({"content": False, "data": False, "removed_at": self.env.cr.now()})
        _logger.info("File of document %s removed, it is kept no more", self.id)

    def _refuse_removed(self):
        """:raises UserError: a file is not there any more"""
        for document in self.filtered("removed_at"):
            raise UserError(document._removed_text())

    def _removed_text(self):
        return self.env._(
            "The file %(name)s was removed on %(day)s: the company keeps such files no "
            "longer. Its SHA-256 is %(digest)s.",
            name=self.name,
            day=fields.Date.to_string(self.removed_at),
            digest=self.sha256,
        )

    def _kept_all(self, made):
        """A file that is made again after it was removed is there again."""
        documents = super()._kept_all(made)
        if gone := documents.filtered("removed_at").sudo():
            files = {sha256(each[1]).hexdigest(): each[1:] for each in made}
            for document in gone:
                document._put_back(*files[document.sha256])
        return documents

    def _put_back(self, content, data):
        self._put({**self._packed(content, data), "removed_at": False})
        logged = {"document": self.name, "sha256": self.sha256}
        self.env["voip.audit"]._log("document_made_again", self, logged)


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    def _overtaken(self):
        if gone := self.document_ids.filtered("removed_at"):
            return gone[0]._removed_text()
        return super()._overtaken()
