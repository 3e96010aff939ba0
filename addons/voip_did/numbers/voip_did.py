"""Numbers (DIDs) that the company holds."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from .country import Codes
from .digits import BITS
from .words import AREA_LIMIT, BadNumberRow, e164

KINDS = [
    ("local", "Local"),
    ("mobile", "Mobile"),
    ("national", "National"),
    ("toll_free", "Toll-free"),
    ("shared", "Shared cost"),
]
STATES = [
    ("free", "Free"),
    ("reserved", "Reserved"),
    ("assigned", "Assigned"),
    ("suspended", "Suspended"),
    ("porting_in", "Porting In"),
    ("porting_out", "Porting Out"),
    ("quarantined", "Quarantined"),
    ("returned", "Returned"),
]
AUDITED = {
    "active",
    "cost_currency_id",
    "cost_monthly",
    "cost_setup",
    "kind",
    "number",
    "porting",
    "returned_on",
    "supplier_id",
}
COST = {**MONEY, "aggregator": None}


class VoipDid(models.Model):
    """A number, what it can do, what it costs, and who has it now.

    Its state is what its assignments, its reservation, its quarantine and its porting
    say; a scheduled action brings it up to date when a day or a reservation ends.
    """

    _name = "voip.did"
    _inherit = ["mail.thread", "voip.finite"]
    _description = "Number"
    _order = "number, id"
    _rec_name = "number"
    _rec_names_search = ["number", "area"]
    _check_company_auto = True
    _voip_longest = {"area": AREA_LIMIT}
    _voip_internal = (
        "state",
        "reserved_until",
        "reserved_for_id",
        "free_from",
        "block_id",
        "porting",
        "porting_date",
        "port_ids",
    )

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True, tracking=True)
    number = fields.Char(
        required=True,
        tracking=True,
        help="E.164: country code and number; + and separators are dropped.",
    )
    country_id = fields.Many2one(
        "res.country",
        compute="_compute_country_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        help="Proposed where the first digits of the number leave no doubt.",
    )
    area = fields.Char(help="City or area, as customers look for it.", tracking=True)
    kind = fields.Selection(KINDS, required=True, default="local", tracking=True)
    two_way = fields.Boolean(
        string="Two-way", default=True, help="Calls may go out with it as caller."
    )
    has_voice = fields.Boolean(string="Voice", default=True)
    has_sms = fields.Boolean(string="SMS")
    has_fax = fields.Boolean(string="Fax")
    channels = fields.Integer(
        default=2,
        required=True,
        aggregator="sum",
        help="Calls at once. Prices per channel count them.",
    )
    supplier_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        domain="[('parent_id', '=', False)]",
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_setup = Amount(
        string="Setup Cost",
        tracking=True,
        groups="voip_billing_base.group_voip_viewer",
        **COST,
    )
    cost_monthly = Amount(
        string="Monthly Cost",
        tracking=True,
        groups="voip_billing_base.group_voip_viewer",
        **COST,
    )
    cost_currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        groups="voip_billing_base.group_voip_viewer",
    )
    state = fields.Selection(STATES, required=True, default="free", index=True)
    reserved_until = fields.Datetime()
    reserved_for_id = fields.Many2one(
        "voip.account", string="Reserved For", ondelete="set null", check_company=True
    )
    free_from = fields.Date(
        string="Quarantined Until", help="The first day on which it is free again."
    )
    porting = fields.Selection(
        [("in", "Coming in"), ("out", "Going out")], tracking=True
    )
    porting_date = fields.Date(tracking=True)
    returned_on = fields.Date(
        string="Returned On",
        tracking=True,
        help="The first day on which the supplier has it back.",
    )
    assignment_ids = fields.One2many("voip.did.assignment", "did_id")
    account_id = fields.Many2one(
        "voip.account",
        string="Account",
        compute="_compute_account",
        search="_search_account",
        help="Who has the number today.",
    )
    assignment_count = fields.Integer(compute="_compute_assignment_count")

    _number_uniq = models.Constraint(
        "UNIQUE (company_id, number)", "This number is in the inventory already."
    )
    _number_digits = models.Constraint(
        "CHECK (number ~ '^[1-9][0-9]{3,14}$')",
        "A number is 4 to 15 digits, without + and leading zero.",
    )
    _channels_bounds = models.Constraint(
        "CHECK (channels BETWEEN 0 AND 10000)", "Channels are 0 to 10,000."
    )
    _costs_bounds = models.Constraint(
        "CHECK (cost_setup BETWEEN 0 AND 1000000000"
        " AND cost_monthly BETWEEN 0 AND 1000000000)",
        "Costs of a number are 0 to 1,000,000,000.",
    )
    # As searches of free numbers ask, with and without a country: a page of them and
    # their count are read from an index alone. Few texts make a small one to count by.
    _offered = models.Index(
        "(company_id, country_id, number, kind) INCLUDE (id)"
        " WHERE state = 'free' AND active IS TRUE AND block_id IS NULL"
    )
    _offered_anywhere = models.Index(
        "(company_id, number, kind) INCLUDE (id)"
        " WHERE state = 'free' AND active IS TRUE AND block_id IS NULL"
    )
    _offered_end = models.Index(
        "(company_id, reverse(number) text_pattern_ops)"
        " INCLUDE (number, country_id, kind, id)"
        " WHERE state = 'free' AND active IS TRUE AND block_id IS NULL"
    )
    _offered_digits = models.Index(
        f"(company_id, ({BITS}), country_id) INCLUDE (number, kind)"
        " WHERE state = 'free' AND active IS TRUE AND block_id IS NULL"
    )
    _offered_count = models.Index(
        "(company_id, country_id, kind)"
        " WHERE state = 'free' AND active IS TRUE AND block_id IS NULL"
    )

    # === COMPUTE METHODS === #

    @api.depends("number")
    def _compute_country_id(self):
        codes = Codes(self.env)
        for did in self:
            did.country_id = codes.proposed(did.number, did.country_id.id)

    @api.depends("number")
    def _compute_display_name(self):
        for did in self:
            did.display_name = f"+{did.number}" if did.number else ""

    @api.depends("assignment_ids.date_start", "assignment_ids.date_end")
    def _compute_account(self):
        for did in self:
            did.account_id = did._current().account_id

    @api.model
    def _search_account(self, operator, value):
        if operator not in ("in", "any", "child_of"):
            return NotImplemented
        current = self.env["voip.did.assignment"]._current_domain()
        held = [("account_id", operator, value), *current]
        found = Domain("assignment_ids", "any", held)
        if operator == "in" and False in value:
            found |= ~Domain("assignment_ids", "any", current)
        return found

    @api.depends("assignment_ids")
    def _compute_assignment_count(self):
        groups = self.env["voip.did.assignment"]._read_group(
            [("did_id", "in", self.ids)], ["did_id"], ["__count"]
        )
        counts = {did.id: count for did, count in groups}
        for did in self:
            did.assignment_count = counts.get(did.id, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean(vals) for vals in vals_list]
        dids = super().create(vals_list)
        dids._settle()
        return dids

    def write(self, vals):
        vals = self._clean(vals)
        if "number" in vals and self.sudo().assignment_ids:
            raise UserError(
                self.env._(
                    "A number that was assigned keeps its digits: add the new one."
                )
            )
        before = self._audited_before(vals)
        result = super().write(vals)
        self._audit_changes(before)
        if vals.keys() & {"porting", "returned_on", "active"}:
            self._settle()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_assigned(self):
        for did in self.sudo():
            if did.assignment_ids:
                raise UserError(
                    self.env._(
                        "%s was assigned and is kept: archive it instead.",
                        did.display_name,
                    )
                )

    @api.model
    def _clean(self, vals):
        """``vals`` with the number as plain digits."""
        self._voip_refuse_garbage([vals])
        if not vals.get("number"):
            return vals
        try:
            return {**vals, "number": e164(vals["number"])}
        except BadNumberRow as error:
            raise ValidationError(str(error)) from error

    def _audited_before(self, vals):
        names = AUDITED & vals.keys()
        return {did: {name: did._said(name) for name in names} for did in self.sudo()}

    def _audit_changes(self, before):
        for did, said in before.items():
            changes = {
                name: [value, did._said(name)]
                for name, value in said.items()
                if value != did._said(name)
            }
            if changes:
                self.env["voip.audit"]._log("did_changed", did, changes)

    def _said(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return value.display_name or ""
        return str(value) if value else ""

    # === ACTION METHODS === #

    def action_view_assignments(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_assignment_action"
        )
        return {**action, "domain": [("did_id", "in", self.ids)], "context": {}}

    def action_assign(self):
        """Open the assignment of these numbers."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_assign_action"
        )
        return {**action, "context": {"default_did_ids": [(6, 0, self.ids)]}}

    # === CRON METHODS === #

    @api.model
    def _cron_settle(self):
        """Bring the states up to date that a day or an hour has changed."""
        self._settle_all()

    # === BUSINESS METHODS === #

    def _current(self):
        """The assignment of today, or none."""
        self.ensure_one()
        found = self.sudo().assignment_ids.filtered(lambda one: one._is_current())
        return found[:1]

    def _settle(self):
        """Set the state of these numbers to what is true now."""
        self._settle_all(self.ids)

    @api.model
    def _settle_all(self, ids=None):
        self.env.flush_all()
        self.env.cr.execute(SETTLE_SQL, {"ids": ids, "now": fields.Datetime.now()})
        self.invalidate_model(
            ["state", "reserved_until", "reserved_for_id", "free_from"]
        )


# A number is taken from the day it is promised, until its last day at the account.
SETTLE_SQL = """
UPDATE voip_did d
   SET state = n.state,
       reserved_until = CASE WHEN n.state = 'reserved' THEN d.reserved_until END,
       reserved_for_id = CASE WHEN n.state = 'reserved' THEN d.reserved_for_id END,
       free_from = n.free_from
  FROM (SELECT d.id, q.free_from,
               CASE WHEN d.returned_on <= %(now)s::timestamp::date THEN 'returned'
                    WHEN d.porting = 'out' THEN 'porting_out'
                    WHEN taken.yes AND EXISTS (
                         SELECT FROM voip_did_suspension u
                          WHERE u.did_id = d.id AND u.date_end IS NULL) THEN 'suspended'
                    WHEN taken.yes THEN 'assigned'
                    WHEN d.porting = 'in' THEN 'porting_in'
                    WHEN q.free_from > %(now)s::timestamp::date THEN 'quarantined'
                    WHEN d.reserved_until > %(now)s::timestamp THEN 'reserved'
                    ELSE 'free' END AS state
          FROM voip_did d
         CROSS JOIN LATERAL (
               SELECT EXISTS (
                   SELECT FROM voip_did_assignment s
                     JOIN voip_account a ON a.id = s.account_id
                    WHERE s.did_id = d.id
                      AND (s.date_end IS NULL
                           OR s.date_end >= (%(now)s::timestamp AT TIME ZONE 'UTC'
                                             AT TIME ZONE a.tz)::date)) AS yes
               ) taken
         CROSS JOIN LATERAL (
               SELECT max(s.date_end + p.quarantine_days + 1) AS free_from
                 FROM voip_did_assignment s JOIN voip_did_plan p ON p.id = s.plan_id
                WHERE s.did_id = d.id AND s.date_end >= s.date_start
                  AND p.quarantine_days > 0) q
         WHERE %(ids)s IS NULL OR d.id = ANY(%(ids)s)) n
 WHERE n.id = d.id
   AND (d.state IS DISTINCT FROM n.state OR d.free_from IS DISTINCT FROM n.free_from
        OR (d.reserved_until IS NOT NULL AND n.state <> 'reserved'))
"""
