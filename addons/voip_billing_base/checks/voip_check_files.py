"""Kept files are what was kept."""

from hashlib import sha256

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _files(self):
        """[(model, field with a file, field with its SHA-256)] of what is kept."""
        return []

    @api.model
    def _removed(self, model):
        """SQL of records ``r`` whose file ``a`` is missing rightly."""
        return "FALSE"

    @api.model
    def run(self, full=False):
        """See ``voip_check``; ``full`` reads every kept file, too."""
        results = super().run(full)
        if not full:
            return results
        broken = sum(self._broken_files(*names) for names in self._files())
        title = "Kept files have their SHA-256"
        return [*results, {"name": "files", "title": title, "violations": broken}]

    def _broken_files(self, model, field, hashed):
        """How many files are missing or differ from their hash; one at a time."""
        self.env.cr.execute(
            f"SELECT r.id, r.{hashed}, a.id FROM {self.env[model]._table} r"
            "  LEFT JOIN ir_attachment a ON a.res_model = %s AND a.res_field = %s"
            "   AND a.res_id = r.id"
            f" WHERE (r.{hashed} IS NOT NULL OR a.id IS NOT NULL)"
            f"   AND NOT ({self._removed(model)})",
            [model, field],
        )
        found = self.env.cr.fetchall()
        return sum(self._hash_of(file) != digest for _id, digest, file in found)

    def _hash_of(self, attachment_id):
        if not attachment_id:
            return None
        file = self.env["ir.attachment"].sudo().browse(attachment_id)
        digest = sha256(file.raw or b"").hexdigest()
        file.invalidate_recordset()
        return digest
