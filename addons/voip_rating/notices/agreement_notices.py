"""An agreement makes notices of what its partner does not know yet."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.counts import counts_by


class VoipRateAgreement(models.Model):
    _inherit = "voip.rate.agreement"

    notice_ids = fields.One2many("voip.rate.notice", "agreement_id", readonly=True)
    notice_count = fields.Integer(compute="_compute_notice_count")

    def _compute_notice_count(self):
        counts = counts_by(self.env["voip.rate.notice"], "agreement_id", self)
        for agreement in self:
            agreement.notice_count = counts.get(agreement, 0)

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for agreement in self:
            if agreement.notice_ids:
                raise UserError(
                    self.env._(
                        "%(partner)s was sent notices: archive his agreement instead.",
                        partner=agreement.display_name,
                    )
                )

    # === ACTION METHODS === #

    def action_make_notice(self):
        """Make a notice of each deck that differs from what was delivered."""
        self.check_access("write")
        self.ensure_one()
        return self._make_and_view(self.deck_ids)

    def _make_and_view(self, decks):
        """Make notices of these decks; the action that shows them.

        :raises UserError: there is nothing to say
        """
        made = self._make_notices(decks)
        if not made:
            raise UserError(
                self.env._(
                    "%(partner)s knows all rates of these decks already.",
                    partner=self.partner_id.display_name,
                )
            )
        return self._view_notices() | (
            {"res_id": made.id, "views": [(False, "form")]} if len(made) == 1 else {}
        )

    def action_view_notices(self):
        self.check_access("read")
        self.ensure_one()
        return self._view_notices()

    def _view_notices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_notice_action"
        )
        return action | {"domain": [("agreement_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _make_notices(self, decks=None):
        """A notice of each deck about which there is something to say.

        :param decks: of the agreement, None = all
        :raises UserError: one is on its way, or the agreement is none to announce by
        """
        decks = self.deck_ids if decks is None else decks
        if self.direction != "customer" or not decks:
            raise UserError(
                self.env._(
                    "Notices are made for customers and their decks: choose the decks."
                )
            )
        self.env.cr.execute(
            "SELECT FROM voip_rate_agreement WHERE id = %s FOR UPDATE", [self.id]
        )
        made = self.env["voip.rate.notice"]
        for deck in decks:
            made |= self._make_notice(deck)
        return made

    def _make_notice(self, deck):
        notices = self.notice_ids.filtered(lambda notice: notice.deck_id == deck)
        if on_its_way := notices.filtered(lambda notice: notice.state == "queued"):
            raise UserError(
                self.env._(
                    "%(notice)s is on its way: wait until it is delivered or refused.",
                    notice=on_its_way[0].display_name,
                )
            )
        for notice in notices.filtered(lambda one: one.state in ("draft", "failed")):
            notice._cancel()
        now = fields.Datetime.now()
        notice = self.env["voip.rate.notice"].sudo().create(
            {
                "name": self.env._(
                    "%(deck)s, notice %(number)s",
                    deck=deck.name or deck.code,
                    number=len(notices) + 1,
                ),
                "agreement_id": self.id,
                "deck_id": deck.id,
                "made_at": now,
                "made_by": self.env.uid,
                "is_first": "delivered" not in notices.mapped("state"),
            }
        )
        notice._fill(now)
        if not notice._says_something() and not notice.is_first:
            notice.unlink()
            return notice.browse()
        return notice.sudo(False)


class VoipRateNotice(models.Model):
    _inherit = "voip.rate.notice"

    is_outdated = fields.Boolean(
        compute="_compute_is_outdated",
        help="The deck has other rates since it was made, so it is not sent.",
    )

    @api.depends("state", "deck_id")
    def _compute_is_outdated(self):
        for notice in self:
            kept = notice._origin if notice.state in ("draft", "failed") else None
            notice.is_outdated = bool(kept and kept._changed_text())

    def action_make_again(self):
        """Make a new notice of the same deck, which takes the place of this one."""
        self._check_manager()
        self.ensure_one()
        agreement = self.agreement_id
        return agreement._make_and_view(self.deck_id & agreement.deck_ids)
