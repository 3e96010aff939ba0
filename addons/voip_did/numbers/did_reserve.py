"""Numbers that are kept for an account until a time."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

MOST_MINUTES = 60 * 24 * 30


class VoipDid(models.Model):
    _inherit = "voip.did"

    def _reserve(self, account, until):
        """Keep numbers for an account; again for the same one moves the end.

        They are locked by the caller, who may write them.

        :param until: UTC; ahead, at most 30 days
        :raises UserError: one is not free, or of a block; the account is closed;
            ``until`` is out of bounds
        """
        if account.state == "closed":
            raise UserError(self.env._("Account %s is closed.", account.code))
        now = fields.Datetime.now()
        if not now < until <= now + timedelta(minutes=MOST_MINUTES):
            raise UserError(
                self.env._("A reservation ends in the future, within 30 days.")
            )
        self._settle()
        for did in self:
            did._refuse_reserved_part()
            own = did.state == "reserved" and did.reserved_for_id == account
            if did.state != "free" and not own:
                raise UserError(self.env._("%s is not free.", did.display_name))
        self.write({"reserved_until": until, "reserved_for_id": account.id})
        self._settle()
        said = {"account": account.code, "end": f"{until:%Y-%m-%d %H:%M} UTC"}
        for did in self:
            self.env["voip.audit"]._log("did_reserved", did, said)

    def _end_reservation(self):
        """Let numbers be free again before their time.

        :raises UserError: one is not reserved
        """
        self._settle()
        for did in self:
            if did.state != "reserved":
                raise UserError(self.env._("%s is not reserved.", did.display_name))
            said = {"account": did.reserved_for_id.code}
            self.env["voip.audit"]._log("did_unreserved", did, said)
        self.write({"reserved_until": False, "reserved_for_id": False})
        self._settle()
