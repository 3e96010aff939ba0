"""What rating asks of a module that keeps numbers."""

from odoo import api, models


class VoipNumberHolder(models.AbstractModel):
    """Without numbers nobody has any, and every caller is accepted."""

    _name = "voip.number.holder"
    _description = "Holders of Numbers"

    @api.model
    def _spans(self, company, numbers):
        """Who has these numbers when.

        :param list numbers: E.164 as integers
        :return: tuples of :data:`~..calls.parties.holders.SPAN`; a number that the
            company keeps has at least one, those of one number do not lie over each
            other
        """
        return []

    @api.model
    def _caller_rules(self, company):
        """{account id: (numbers of others, foreign numbers)}: accept, flag or refuse.

        Accounts that accept every caller are left out.
        """
        return {}

    @api.model
    def _note_callers(self, company, calls):
        """Keep which callers are noted.

        :param list calls: (id of the call record, its start in microseconds since 1970,
            account id, caller, account id that has it or 0, why: a mark of
            :mod:`~..calls.parties.callers`)
        """
