"""Proof of a disputed price: rate, notice, mail, delivery, file, in one place."""

import base64
from datetime import timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..notices import picture
from ..sheets.row import ALWAYS

# What the partner had been told of a code when a call was made.
_TOLD = """
SELECT o.id, o.terms = t.terms AS same
  FROM voip_rate_notice_row o
  JOIN voip_rate_notice n ON n.id = o.notice_id
  JOIN ({terms}) t ON TRUE
 WHERE n.agreement_id = ANY(%(agreements)s) AND n.deck_id = %(deck)s
   AND n.state = 'delivered' AND n.delivered_at <= %(at)s
   AND o.prefix = t.prefix AND COALESCE(o.origin_prefix, '') = t.origin
   AND o.starts <= %(at)s
 ORDER BY o.starts DESC, n.delivery DESC LIMIT 1
"""


class VoipRateProof(models.TransientModel):
    """Was this price announced? Of a call, or of an account, a number and a time."""

    _name = "voip.rate.proof"
    _inherit = ["voip.guard"]
    _description = "Proof of a Price"

    account_id = fields.Many2one("voip.account", help="Whose price it is.")
    deck_id = fields.Many2one(
        "voip.rate.deck", compute="_compute_deck_id", store=True, readonly=False
    )
    called = fields.Char(string="Called number", required=True)
    at = fields.Datetime(string="Moment", required=True, default=fields.Datetime.now)
    call_ref = fields.Char(string="Call ID", readonly=True)
    rate_id = fields.Many2one("voip.rate", readonly=True)
    row_id = fields.Many2one("voip.rate.notice.row", readonly=True)
    notice_id = fields.Many2one(related="row_id.notice_id")
    verdict = fields.Selection(
        [
            ("yes", "Announced"),
            ("other", "Announced Otherwise"),
            ("no", "Not Announced"),
        ],
        readonly=True,
    )
    sentence = fields.Text(readonly=True)
    is_whole = fields.Boolean(
        string="File Unchanged",
        readonly=True,
        help="The file that is kept still has the SHA-256 that was sent with it.",
    )
    mail_state = fields.Selection(related="notice_id.state")
    price = fields.Float(related="rate_id.price_per_minute", string="Price per minute")
    currency_id = fields.Many2one(related="rate_id.currency_id")
    prefix = fields.Char(related="rate_id.prefix")
    valid_from = fields.Datetime(
        related="rate_id.effective_from", string="Valid From"
    )
    announced_price = fields.Float(related="row_id.price", string="Price Announced")
    announced_from = fields.Datetime(
        related="row_id.starts", string="Announced From"
    )
    is_always = fields.Boolean(related="row_id.is_always")
    is_rate_always = fields.Boolean(compute="_compute_is_rate_always")
    delivered_at = fields.Datetime(related="notice_id.delivered_at")
    recipients = fields.Char(related="notice_id.recipients")
    message_ref = fields.Char(related="notice_id.message_ref")
    csv_sha256 = fields.Char(related="notice_id.csv_sha256")
    xlsx_sha256 = fields.Char(related="notice_id.xlsx_sha256")

    # === COMPUTE METHODS === #

    @api.depends("account_id")
    def _compute_deck_id(self):
        for wizard in self:
            if wizard.account_id:
                wizard.deck_id = wizard.account_id._customer_deck()

    @api.depends("called")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._(
                "Proof of the price of %(number)s", number=wizard.called or ""
            )

    @api.depends("rate_id")
    def _compute_is_rate_always(self):
        """The rate has no beginning that anybody would name."""
        for wizard in self:
            start = wizard.rate_id.effective_from
            wizard.is_rate_always = fields.Datetime.to_string(start) == ALWAYS

    # === ACTION METHODS === #

    def action_prove(self):
        """Find the rate of the number, and what was announced of it."""
        self._voip_use()
        self.ensure_one()
        if not self.deck_id:
            raise UserError(self.env._("Choose a deck, or an account with one."))
        self._check_account()
        self._prove(self._find_rate())
        return self._again()

    def action_print(self):
        """The proof as a paper."""
        self._voip_use()
        self.ensure_one()
        return self.env.ref("voip_rating.action_report_rate_proof").report_action(
            self, config=False
        )

    def action_view_notice(self):
        """The notice that announced it."""
        self._voip_use()
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.rate.notice",
            "res_id": self.notice_id.id,
            "views": [(False, "form")],
        }

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof of a Price"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # === BUSINESS METHODS === #

    def _check_account(self):
        """:raises UserError: several customers are told, and none is chosen"""
        if not self.account_id and self._has_several(self.deck_id):
            raise UserError(
                self.env._(
                    "Several customers have an agreement about %(deck)s: choose the "
                    "account whose price it is.",
                    deck=self.deck_id.display_name,
                )
            )

    def _has_several(self, deck):
        return len(self._agreements(deck).partner_id.commercial_partner_id) > 1

    def _find_rate(self):
        """The version that a call to this number is rated by at that moment."""
        deck = self.deck_id.with_company(self.deck_id.company_id)
        answer = deck.quote(
            deck=deck.code, called=self.called, at=self.at.isoformat() + "Z", seconds=0
        )
        if "error" in answer:
            raise UserError(answer["error"]["message"])
        rate = answer["rate"]
        return self.env["voip.rate"].search(
            [
                ("deck_id", "=", deck.id),
                ("prefix", "=", rate["prefix"]),
                ("origin_prefix", "=", False),
                ("effective_from", "=", rate["effective_from"][:19].replace("T", " ")),
            ],
            limit=1,
        )

    def _prove(self, rate):
        agreements = self._agreements(rate.deck_id)
        row, same = self._told(rate, agreements)
        verdict = "yes" if same else "other" if row else "no"
        self.sudo().write(
            {
                "rate_id": rate.id,
                "row_id": row.id,
                "verdict": verdict,
                "sentence": self._sentence(verdict, row, agreements),
                "is_whole": bool(row) and self._is_whole(row.notice_id),
            }
        )

    def _agreements(self, deck):
        """Agreements that the price was announced by, for this account alone if any."""
        found = self.env["voip.rate.agreement"].with_context(active_test=False).search(
            [("deck_ids", "in", deck.ids), ("direction", "=", "customer")]
        )
        if not self.account_id:
            return found
        owner = self.account_id.partner_id.commercial_partner_id
        found = found.filtered(
            lambda one: one.partner_id.commercial_partner_id == owner
            and one.account_id in (self.account_id, self.env["voip.account"])
        )
        return found.filtered("account_id") or found

    def _told(self, rate, agreements):
        """(row of a delivered notice, whether it says the price of the rate)."""
        self.env.flush_all()
        self.env.cr.execute(
            _TOLD.format(terms=picture.OF_ONE),
            {
                "rate": rate.id,
                "agreements": agreements.ids,
                "deck": rate.deck_id.id,
                "at": self.at,
            },
        )
        found = self.env.cr.fetchone() or (None, False)
        return self.env["voip.rate.notice.row"].browse(found[0] or ()), bool(found[1])

    def _sentence(self, verdict, row, agreements):
        if not agreements:
            return self.env._("There is no agreement about notices of this deck.")
        if verdict == "no":
            return self.env._(
                "No notice that was delivered before the call names this code."
            )
        notice = row.notice_id
        values = {
            "notice": notice.name,
            "to": notice.recipients or notice.partner_id.display_name,
            "delivered": notice.agreement_id._local(notice.delivered_at),
        }
        if verdict == "yes":
            return self.env._(
                "The price was announced with %(notice)s, delivered to %(to)s on "
                "%(delivered)s.",
                **values,
            )
        return self.env._(
            "%(notice)s, delivered to %(to)s on %(delivered)s, is the last one that "
            "names this code: it says another price, or that the code is closed.",
            **values,
        )

    def _is_whole(self, notice):
        files = notice.sudo().with_context(bin_size=False)
        return all(
            sha256(base64.b64decode(files[kind] or b"")).hexdigest() == known
            for kind, known in notice._hashes().items()
        )


class VoipRate(models.Model):
    _inherit = "voip.rate"

    side = fields.Selection(related="deck_id.side")

    def action_prove_price(self):
        """Was this price announced? As of now, or of its first or last second.

        Where several customers are told, the form asks for the account first.
        """
        self.check_access("read")
        self.ensure_one()
        end = self.effective_to and self.effective_to - timedelta(seconds=1)
        now = fields.Datetime.now()
        at = max(min(now, end or now), self.effective_from)
        proof = self.env["voip.rate.proof"].create(
            {"deck_id": self.deck_id.id, "called": self.prefix, "at": at}
        )
        if not proof._has_several(self.deck_id):
            proof._prove(self)
        return proof._again()


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    def action_prove_price(self):
        """Was the price of this call announced?"""
        self.check_access("read")
        self.ensure_one()
        rate = self.env["voip.rate"].browse(self.rate_id).exists()
        if not rate:
            raise UserError(self.env._("This usage was not priced by a rate."))
        rate.check_access("read")
        proof = self.env["voip.rate.proof"].create(
            {
                "account_id": self.account_id.id,
                "deck_id": rate.deck_id.id,
                "called": self.called or rate.prefix,
                "at": self.started_at,
            }
        )
        proof.sudo().call_ref = self.source_ref
        proof._prove(rate)
        return proof._again()
