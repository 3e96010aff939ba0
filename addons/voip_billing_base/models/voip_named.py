"""Fields of the suite on Odoo's own documents name only what their user may read."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .voip_guard import refuse_foreign


class VoipNamed(models.AbstractModel):
    """Documents of Odoo's with fields of ours, which all begin with ``voip_``.

    A record of another company is refused before Odoo compares the companies, because
    that error would say how it is called.
    """

    _name = "voip.named"
    _description = "Documents that Name VoIP Accounts"

    voip_account_name = fields.Char(
        string="VoIP Account Name",
        compute="_compute_voip_account_name",
        compute_sudo=True,
        search="_search_voip_account_name",
        help="What the account is called, also for those who may not open it.",
    )

    @api.depends("voip_account_id.display_name")
    @api.depends_context("allowed_company_ids")
    def _compute_voip_account_name(self):
        """Whoever reads a document reads its account's name, of his companies."""
        for record in self:
            account = record.voip_account_id
            own = account.company_id in self.env.companies
            record.voip_account_name = own and account.display_name

    @api.model
    def _search_voip_account_name(self, operator, value):
        if operator not in ("in", "ilike", "like", "=ilike", "=like"):
            return NotImplemented
        found = self.env["voip.account"].sudo().with_context(active_test=False).search(
            [
                ("display_name", operator, value),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        return [("voip_account_id", "in", found.ids)]

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self._voip_named_defaults()
        for vals in vals_list:
            refuse_foreign(self, _own({**defaults, **vals}))
        return super().create(vals_list)

    def write(self, vals):
        refuse_foreign(self, _own(vals))
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        refuse_foreign(self, _own({**self._voip_named_defaults(), **values}))
        return super().onchange(values, field_names, fields_spec)

    def _voip_refuse_strange_accounts(self):
        """:raises ValidationError: a chosen account is another customer's"""
        if self.env.su:
            return
        for record in self.filtered("voip_account_id"):
            record._voip_refuse_strange_account(record.voip_account_id)

    def _voip_refuse_strange_account(self, account):
        customer = self.partner_id.commercial_partner_id
        if not customer:
            return
        self.env["voip.account"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env.cr.execute(
            "SELECT voip_account_serves(%s, %s, %s)",
            [account.id, customer.id, self.company_id.id],
        )
        if not self.env.cr.fetchone()[0]:
            raise ValidationError(
                self.env._(
                    "%(account)s is no VoIP account of %(customer)s in %(company)s, nor"
                    " pays for one: choose another, or none.",
                    account=account.display_name,
                    customer=customer.display_name,
                    company=self.company_id.display_name,
                )
            )

    @api.model
    def _voip_named_defaults(self):
        return {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_voip_")
        }


def _own(vals):
    return {name: value for name, value in vals.items() if name.startswith("voip_")}


def chosen_account(vals):
    """``vals`` of a document: the account in it was chosen, not found by rules."""
    if "voip_account_id" in vals and "voip_account_auto" not in vals:
        return {**vals, "voip_account_auto": False}
    return vals


def with_account(records, vals_list):
    """Those of new ``records`` whose values name an account."""
    ids = [
        record.id
        for record, vals in zip(records, vals_list, strict=True)
        if vals.get("voip_account_id")
    ]
    return records.browse(ids)


def forget_found(records, vals_list, default=None):
    """Take out of ``vals_list``, values of copies of ``records``, accounts that rules
    found, or that the user may not see: a copy finds its account afresh.

    :param default: values that were chosen for the copies
    """
    if "voip_account_id" in (default or {}):
        return
    for record, vals in zip(records, vals_list, strict=True):
        account = record.voip_account_id
        if record.voip_account_auto or not account.has_access("read"):
            vals.pop("voip_account_id", None)
