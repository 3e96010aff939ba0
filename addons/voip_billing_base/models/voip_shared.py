"""What all companies share is changed by who works for each of them.

Else the manager of one would change what another's usage is counted, charged or
invoiced by.
"""

from odoo import models
from odoo.exceptions import AccessError

CHANGES = ("create", "write", "unlink")
ADMIN = "voip_billing_base.group_voip_admin"


def works_for_all(env):
    """Whether there is no company that the user does not work for."""
    own = env.user.company_ids.ids
    return env.su or not env["res.company"].sudo().search_count(
        [("id", "not in", own)], limit=1
    )


def company_unless_all(env):
    """What a new record is of: all companies, or else the user's present one."""
    is_free = works_for_all(env) or env.user.has_group(ADMIN)
    return env["res.company"] if is_free else env.company


def refused(records, operation, shared):
    """As ``_check_access`` answers: None, or what is refused and its error.

    :param shared: those of ``records`` that are of no company
    """
    env = records.env
    if operation not in CHANGES or not shared or works_for_all(env):
        return None
    sentence = env._(
        "%s is for all companies: only who works for each of them changes it. Make a "
        "copy for your company instead.",
        shared[:1].sudo().display_name,
    )
    return shared, lambda: AccessError(sentence)


class VoipShared(models.AbstractModel):
    """A record of the company in ``company_id``, or without one of all companies.

    Super administrators change it, too, as they do destinations.
    """

    _name = "voip.shared"
    _description = "Of a Company or of All"

    def _check_access(self, operation):
        found = super()._check_access(operation)
        if found or operation not in CHANGES or self.env.user.has_group(ADMIN):
            return found
        shared = self.sudo().filtered(lambda one: not one.company_id)
        return refused(self, operation, shared.with_env(self.env))

    def copy_data(self, default=None):
        """A copy is of the company of who may not change what is of all."""
        self.check_access("read")
        own = company_unless_all(self.env)
        values = {"company_id": own.id} if own else {}
        return super().copy_data({**values, **(default or {})})

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return result
