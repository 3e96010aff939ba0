"""A secret beside a record: entered, used, and shown to nobody."""

from odoo import api, models
from odoo.tools import SQL


class VoipWriteOnly(models.AbstractModel):
    """A secret in a table of its own: no view, export, log of changes or call reads it.

    The model has a field named as the column of the secret, and ``has_`` with that name
    for whether there is one; both are computed by :meth:`_compute_secret`, the first is
    written by :meth:`_inverse_secret`.
    """

    _name = "voip.write.only"
    _description = "Record With a Secret"

    # The table, its columns with the record and the secret, the audit trail's event.
    _secret_table = None
    _secret_link = None
    _secret_name = None
    _secret_event = None

    # === HOOKS === #

    def _check_secret(self, secret):
        """:raises UserError: it is no such secret"""

    def _secret_kept(self):
        """Another secret is there now."""

    # === COMPUTE METHODS === #

    def _compute_secret(self):
        known = set(self._secrets())
        for one in self:
            one[self._secret_name] = False
            one[f"has_{self._secret_name}"] = one._origin.id in known

    def _inverse_secret(self):
        self.check_access("write")
        name = self._secret_name
        for one in self.filtered(name):
            secret = one[name].strip()
            one._check_secret(secret)
            one._keep_secret(secret)
            one._secret_kept()
        self.invalidate_recordset([name, f"has_{name}"])

    # === BUSINESS METHODS === #

    def _keep_secret(self, secret):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(link)s, %(name)s) VALUES (%(id)s, %(secret)s)"
                " ON CONFLICT (%(link)s) DO UPDATE SET %(name)s = EXCLUDED.%(name)s",
                **self._secret_names(),
                id=self.id,
                secret=secret,
            )
        )
        self.env["voip.audit"]._log(
            self._secret_event, self, {"name": self.display_name}
        )

    def _secrets(self):
        """{id: secret} of those that have one; for the program alone."""
        self.env.cr.execute(
            SQL(
                "SELECT %(link)s, %(name)s FROM %(table)s"
                " WHERE %(link)s = ANY(%(ids)s)",
                **self._secret_names(),
                ids=self.ids,
            )
        )
        return dict(self.env.cr.fetchall())

    def _forget_secrets(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %(table)s WHERE %(link)s = ANY(%(ids)s)",
                **self._secret_names(),
                ids=self.ids,
            )
        )
        self.invalidate_recordset([f"has_{self._secret_name}"])

    @api.model
    def _secret_names(self):
        return {
            "table": SQL.identifier(self._secret_table),
            "link": SQL.identifier(self._secret_link),
            "name": SQL.identifier(self._secret_name),
        }
