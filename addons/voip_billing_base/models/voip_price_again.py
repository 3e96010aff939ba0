"""What was charged is taken back as a whole, and priced again."""

from odoo import api, models
from odoo.exceptions import UserError

from ..charge.regroup import CREDITED_SQL, MOVED_SQL
from ..charge.transaction import in_money, lock_company
from ..notice import notice

LIMIT = 100_000


class VoipPriceAgain(models.AbstractModel):
    """Records that have charges: a manager has them taken back and made anew.

    With them go those of the same months whose places in a volume move.
    """

    _name = "voip.price.again"
    _inherit = ["voip.guard"]
    _description = "Priced Again"

    # The state that is charged, and the event of the audit trail.
    _again_state = "charged"
    _again_audit = None
    # What the audit trail calls them, and the origin of wallet entries.
    _again_noun = None
    _again_origin = None
    # The :class:`~..charge.taken_back.Charges` of the model.
    _again_charges = None

    # === ACTION METHODS === #

    def action_price_again(self):
        """Take back what these were charged, and price them anew.

        With them go all of the same months whose tiers, free or included units depend
        on them. What was invoiced stays so: the difference is on the next invoice.
        """
        self.check_access("write")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise UserError(
                self.env._("Only a billing manager takes back what was charged.")
            )
        charged = self.filtered(lambda one: one.state == self._again_state)
        done = 0
        for company, some in charged.grouped("company_id").items():
            own = company.id
            done += in_money(some.sudo(), lambda them, own=own: them._price_anew(own))
        self.env.invalidate_all()
        return notice(self._again_words(done))

    # === BUSINESS METHODS === #

    def _again_words(self, count):
        """The sentence that says how many were priced again."""
        raise NotImplementedError

    @api.model
    def _price_all(self, company_id, ids):
        """Price records that wait again."""
        raise NotImplementedError

    @api.model
    def _with_volumes(self, ids):
        """Charged ones among ``ids``, and those whose places move with them; sorted."""
        raise NotImplementedError

    @api.model
    def _let_wait(self, company_id, ids):
        """Take records whose charges are taken back out of all sums but usage."""
        raise NotImplementedError

    def _price_anew(self, company_id):
        """Take back and price these and those whose places move with them.

        :return: how many were priced again
        """
        lock_company(self.env.cr, company_id)
        ids = self._take_back(company_id, self.ids)
        self._price_all(company_id, ids)
        company = self.env["res.company"].browse(company_id)
        noun = self._again_noun
        data = {noun: len(ids), "first": ids[0], "last": ids[-1]} if ids else {}
        self.env["voip.audit"]._log(self._again_audit, None, data, company=company)
        return len(ids)

    @api.model
    def _take_back(self, company_id, ids):
        """Reverse the charges of records and let them wait again.

        The caller holds the company's lock.

        :return: ids of all that wait now, in order
        :raises UserError: they are credited, another account pays by now, or with
            those whose places move they are too many
        """
        self.env.flush_all()
        ids = self._with_volumes(ids)
        if len(ids) > LIMIT:
            raise UserError(
                self.env._(
                    "These are %(count)s with those of the same months, at most"
                    " %(limit)s are priced again at once. Choose some of fewer accounts"
                    " or months.",
                    count=len(ids),
                    limit=LIMIT,
                )
            )
        groups = self._again_charges.choose(self.env.cr, ids)
        if groups:
            self._refuse_back([group[0] for group in groups])
            company = self.env["res.company"].browse(company_id)
            self._again_charges.reverse(self.env, company, groups, self._again_origin)
        self._let_wait(company_id, ids)
        self.env.invalidate_all(flush=False)
        return ids

    def _refuse_back(self, summaries):
        cr = self.env.cr
        cr.execute(CREDITED_SQL, [summaries])
        if credited := cr.fetchall():
            raise UserError(
                self.env._(
                    "These are credited already: %s. Credit what is left by a credit"
                    " note.",
                    ", ".join(f"{one} ({other})" for one, other in credited),
                )
            )
        self.env["voip.account"].flush_model(["payer_id"])
        cr.execute(MOVED_SQL, [summaries])
        if moved := cr.fetchall():
            raise UserError(
                self.env._(
                    "Others pay now than were charged: %s. Credit by a credit note.",
                    ", ".join(f"{account} ({payer})" for account, payer in moved),
                )
            )
