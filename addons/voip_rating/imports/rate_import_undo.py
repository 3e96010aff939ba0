"""Undo: the deck gets back every version as it was, with its id."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import lock_company

from ..rates.meanwhile import RINGING
from . import result

# What was deleted meanwhile was taken off the versions there are, too.
_GONE = """
UPDATE voip_rate_import_change c
   SET before = before || jsonb_build_object('{name}', NULL)
 WHERE import_id = %(id)s AND before->>'{name}' IS NOT NULL
   AND NOT EXISTS (SELECT FROM {table} t WHERE t.id = (c.before->>'{name}')::integer)
"""
UNDO = (
    *(
        _GONE.format(name=name, table=table)
        for name, table in (
            ("destination_id", "voip_destination"),
            ("service_id", "voip_service"),
            ("create_uid", "res_users"),
            ("write_uid", "res_users"),
        )
    ),
    """
    DELETE FROM voip_rate r USING voip_rate_import_change c
     WHERE c.import_id = %(id)s AND c.kind = 'made' AND r.id = c.rate_id
    """,
    """
    UPDATE voip_rate r
       SET effective_to = (c.before->>'effective_to')::timestamp,
           label = c.before->>'label',
           destination_id = (c.before->>'destination_id')::integer,
           closing_reason = c.before->>'closing_reason'
      FROM voip_rate_import_change c
     WHERE c.import_id = %(id)s AND c.kind = 'changed' AND r.id = c.rate_id
    """,
    """
    INSERT INTO voip_rate
    SELECT (jsonb_populate_record(NULL::voip_rate, c.before)).*
      FROM voip_rate_import_change c
     WHERE c.import_id = %(id)s AND c.kind = 'removed'
    """,
    "DELETE FROM voip_rate_import_change WHERE import_id = %(id)s",
)


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    def _undo(self):
        """Give back what this import changed.

        :raises UserError: it is not applied, the deck changed since, or calls were
            rated by versions it made
        """
        self.deck_id._check_load_access()
        self.deck_id.check_access("write")
        self.env.flush_all()
        cr, params = self.env.cr, {"id": self.id}
        # Calls that are being rated with its versions come first; others wait.
        lock_company(cr, self.company_id.id)
        cr.execute(
            "SELECT FROM voip_rate_deck WHERE id = %s FOR UPDATE", [self.deck_id.id]
        )
        cr.execute("ANALYZE voip_rate_import_change")
        self._check_undo()
        before = self.deck_revision
        for statement in UNDO:
            cr.execute(statement, params)
        # The new costs are none.
        cr.execute("DELETE FROM voip_rate_import_sale WHERE import_id = %(id)s", params)
        self.env.invalidate_all(flush=False)
        self._keep(
            {
                "state": "undone",
                "undone_at": fields.Datetime.now(),
                "undone_by": self.env.uid,
                "sale_count": 0,
                "sale_problem": False,
            }
        )
        self._hand_back(before)
        self._log("rate_import_undo")

    def _hand_back(self, before):
        """The deck is what the import before made of it: that may be undone next."""
        earlier = self.search(
            [
                ("deck_id", "=", self.deck_id.id),
                ("state", "=", "applied"),
                ("applied_revision", "=", before),
            ]
        )
        if earlier:
            earlier._keep({"applied_revision": self._revision()})

    def _check_undo(self):
        if self.state != "applied":
            raise UserError(self.env._("Only what was applied can be undone."))
        deck = self.deck_id.display_name
        if self._revision() != self.applied_revision:
            raise UserError(
                self.env._(
                    "The rates of %(deck)s changed after this import: undo the later "
                    "import first, or import the rates that should be valid.",
                    deck=deck,
                )
            )
        if self._audited_changes() not in (None, self._mark_of_changes()):
            raise UserError(
                self.env._(
                    "What this import changed is not as it was audited: have the"
                    " database looked at, and import the rates that should be valid."
                )
            )
        if call := self._used_call():
            raise UserError(
                self.env._(
                    "A call of %(at)s (UTC) was rated with the new version of "
                    "%(prefix)s: import the rates that should be valid instead.",
                    at=fields.Datetime.to_string(call[1]),
                    prefix=call[0],
                )
            )

    def _audited_changes(self):
        """What the audit trail says of the undo; None of imports of old."""
        self.env.cr.execute(
            "SELECT data::json ->> 'changes' FROM voip_audit"
            " WHERE event IN ('rate_import_apply', 'deck_generate')"
            "   AND res_model = %s AND res_id = %s"
            "   AND data::json ->> 'import' = %s ORDER BY seq LIMIT 1",
            [self.deck_id._name, self.deck_id.id, str(self.id)],
        )
        return (self.env.cr.fetchone() or [None])[0]

    def _used_call(self):
        """(code, start) of a call that a version of this import rated, or None."""
        cr = self.env.cr
        cr.execute(result.SINCE, {"id": self.id})
        since = cr.fetchone()[0]
        if since is None:
            return None
        cr.execute(result.USED_CALL, {"id": self.id, "since": since - RINGING})
        return cr.fetchone()
