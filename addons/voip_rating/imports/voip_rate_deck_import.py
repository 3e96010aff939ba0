"""A deck and its sheets: imports of it, and its rates as a sheet."""

import csv
import io

from odoo import fields, models

from .columns import LABELS

EXPORTED = (
    "prefix",
    "origin_prefix",
    "destination",
    "price_per_minute",
    "connect_fee",
    "initial_increment",
    "next_increment",
    "min_charge",
    "max_charge",
    "price_intra",
    "price_local",
    "price_indeterminate",
    "grace_seconds",
    "blocked",
    "payback",
    "service",
    "effective_from",
    "effective_to",
)
_EXPORT = """
SELECT r.prefix, r.origin_prefix, r.label, r.price_per_minute::text,
       r.connect_fee::text, r.initial_increment, r.next_increment, r.min_charge::text,
       r.max_charge::text, NULLIF(r.price_intra, -1)::text,
       NULLIF(r.price_local, -1)::text, NULLIF(r.price_indeterminate, -1)::text,
       r.grace_seconds, COALESCE(r.blocked, FALSE), COALESCE(r.payback, FALSE), s.code,
       CASE WHEN r.effective_from = '1970-01-01' THEN '1970-01-01' ELSE
            to_char(r.effective_from AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s,
                    'YYYY-MM-DD HH24:MI:SS') END,
       to_char(r.effective_to AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s,
               'YYYY-MM-DD HH24:MI:SS')
  FROM voip_rate r LEFT JOIN voip_service s ON s.id = r.service_id
 WHERE r.deck_id = %(deck)s AND (r.effective_to IS NULL OR r.effective_to > %(now)s)
 ORDER BY r.prefix, r.origin_prefix NULLS FIRST, r.effective_from
"""


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    import_ids = fields.One2many("voip.rate.import", "deck_id")
    import_count = fields.Integer(compute="_compute_import_count")

    def _compute_import_count(self):
        counts = dict(
            self.env["voip.rate.import"]._read_group(
                [("deck_id", "in", self.ids)], ["deck_id"], ["__count"]
            )
        )
        for deck in self:
            deck.import_count = counts.get(deck, 0)

    # === ACTION METHODS === #

    def action_import_rates(self):
        """A new import of a rate sheet into this deck."""
        self.check_access("write")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Rates"),
            "res_model": "voip.rate.import",
            "view_mode": "form",
            "context": {"default_deck_id": self.id},
        }

    def action_view_imports(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_import_action"
        )
        return action | {
            "domain": [("deck_id", "=", self.id)],
            "context": {"default_deck_id": self.id},
        }

    def action_export_rates(self):
        """The valid and future rates as a CSV that an import reads."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/rate_deck/{self.id}/rates.csv",
            "target": "self",
        }

    # === BUSINESS METHODS === #

    def _export_rates(self):
        """Bytes of a CSV with the columns of a rate sheet, dates in the deck's zone."""
        self.env["voip.rate"].flush_model()
        self.env.cr.execute(
            _EXPORT, {"deck": self.id, "tz": self.tz, "now": fields.Datetime.now()}
        )
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow([LABELS[name] for name in EXPORTED])
        writer.writerows(self.env.cr.fetchall())
        return stream.getvalue().encode()
