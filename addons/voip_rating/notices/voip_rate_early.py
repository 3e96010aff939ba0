"""Rates that people change by hand are announced in time, too."""

from odoo import api, fields, models


class VoipRate(models.Model):
    _inherit = "voip.rate"

    notice_reason = fields.Char(
        string="Reason for Shorter Notice",
        copy=False,
        help="Why this version may begin before its notice is due. It is printed in "
        "the notice.",
    )
    closing_reason = fields.Char(
        string="Reason for Early End",
        copy=False,
        help="Why this version may end before the notice of it is due.",
    )
    stated_from = fields.Datetime(
        string="Stated From",
        readonly=True,
        copy=False,
        help="The date in the supplier's sheet. He announced it too late: what he "
        "charges before the version begins is more than was agreed.",
    )

    agreed_note = fields.Char(compute="_compute_agreed_note")

    # === COMPUTE METHODS === #

    @api.depends("deck_id", "effective_from")
    def _compute_agreed_note(self):
        """From when on what a supplier announces now may cost more."""
        now = fields.Datetime.now()
        for rate in self:
            rate.agreed_note = False
            agreement = not rate._origin.id and rate.deck_id._supplier_agreement()
            if not agreement:
                continue
            earliest = agreement._earliest(now)["increased"]
            if (rate.effective_from or now) < earliest:
                rate.agreed_note = self.env._(
                    "By the agreement with %(partner)s an increase that is announced "
                    "now may be valid from %(earliest)s on. A rate that is typed is "
                    "valid from the date that you give.",
                    partner=agreement.partner_id.display_name,
                    earliest=agreement._local(earliest),
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        given = self.env.context.get("default_deck_id")
        ids = {vals.get("deck_id", given) for vals in vals_list}
        decks = self.env["voip.rate.deck"].browse(
            number for number in ids if type(number) is int
        )
        prefixes = [str(vals.get("prefix") or "") for vals in vals_list]
        reasons = filter(None, (vals.get("notice_reason") for vals in vals_list))
        with decks.exists()._in_time(prefixes, next(reasons, None)):
            return super().create(vals_list)

    def write(self, vals):
        if "effective_to" not in vals:
            return super().write(vals)
        self.check_access("write")
        with self._in_time(vals.get("closing_reason")):
            return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        with self._in_time():
            return super().unlink()

    def _in_time(self, reason=None):
        return self.deck_id._in_time(self.mapped("prefix"), reason)
