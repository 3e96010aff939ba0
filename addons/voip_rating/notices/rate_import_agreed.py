"""Rate sheets and what is agreed: our notice to customers, a supplier's to us."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rates.rate_deck_load import AHEAD
from . import agreed


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    early_count = fields.Integer(
        string="Before Their Notice Is Due", readonly=True, copy=False, aggregator=None
    )
    early_text = fields.Text(readonly=True, copy=False)
    notice_reason = fields.Char(
        string="Reason for Shorter Notice",
        copy=False,
        help="Why changes may be valid before customers had to be told. It is printed "
        "in their notices.",
    )
    received_at = fields.Datetime(
        string="Received",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="When the supplier announced the sheet: his days of notice count from "
        "then on.",
    )
    agreed_count = fields.Integer(
        string="Valid Later",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Increases that the supplier announced too late: they cost more only from "
        "the agreed date on.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("received_at")
    def _check_received(self):
        latest = fields.Datetime.now() + AHEAD
        for sheet in self:
            if sheet.received_at > latest:
                raise ValidationError(
                    self.env._(
                        "Received: %(moment)s (UTC) lies in the future, so nobody has "
                        "received %(sheet)s yet.",
                        moment=sheet.received_at,
                        sheet=sheet.display_name,
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        if {"notice_reason", "received_at"} & vals.keys():
            self.check_access("write")
            self._check_open()
        result = super().write(vals)
        if "received_at" in vals:
            for sheet in self:
                sheet._back_to_draft()
        return result

    # === BUSINESS METHODS === #

    def _undo(self):
        """What customers were told meanwhile is not taken back before they know."""
        told = self.env["voip.rate.notice"].sudo().search_count(
            [
                ("deck_id", "=", self.deck_id.id),
                ("state", "=", "delivered"),
                ("delivered_at", ">=", self.applied_at),
            ],
            limit=1,
        )
        if not told:
            return super()._undo()
        with self.deck_id._in_time(None):
            return super()._undo()

    def _agree(self, work):
        """Let rows of the stage begin when they may that were announced too late.

        :param work: the run of this import
        :return: how many, compared with the deck as the stage is now
        """
        moved = work.had_rates and self.deck_id._stage_move(self.received_at)
        if not moved:
            return 0
        over = self.env._("It ends before it may be valid, as it was announced late.")
        work._set_aside(agreed.OVER, "unchanged", over)
        overtaken = self.env._(
            "It was announced late: another price is valid before this one may be."
        )
        work._set_aside(agreed.OVERTAKEN, "unchanged", overtaken)
        return moved

    def _agreed(self, is_new):
        """How many rows begin later than the sheet states.

        :param is_new: the result tells it; else the rows of the preview stay
        """
        if not is_new:
            return self.agreed_count
        self.env.cr.execute(agreed.COUNT)
        return self.env.cr.fetchone()[0]


class VoipRateAgreement(models.Model):
    _inherit = "voip.rate.agreement"

    def write(self, vals):
        result = super().write(vals)
        self._look_again()
        return result

    def _look_again(self):
        """A preview that counted with other terms is none any more."""
        for sheet in self.env["voip.rate.import"].sudo().search(
            [
                ("deck_id", "in", self.filtered(_is_supplier).deck_ids.ids),
                ("state", "=", "previewed"),
            ]
        ):
            sheet._back_to_draft()


def _is_supplier(agreement):
    return agreement.direction == "supplier"
