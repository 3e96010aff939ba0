"""What a session and its call come to together, and why."""

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.events.event_why import number
from odoo.addons.voip_billing_base.fields import Amount

from ..engine.kinds import SECONDS

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipAiSession(models.Model):
    _inherit = "voip.ai.session"

    currency_id = fields.Many2one(related="account_id.currency_id")
    charge_ids = fields.Many2many(
        "voip.ai.charge", compute="_compute_charges", string="Parts"
    )
    amount = Amount(
        string="AI Charge", compute="_compute_charges", help="Of its parts.", **MONEY
    )
    call_amount = Amount(
        string="Call Charge",
        compute="_compute_charges",
        help="Of the call's destination minutes.",
        **MONEY,
    )
    total = Amount(
        compute="_compute_charges", help="Of the session and its call.", **MONEY
    )
    cost = Amount(
        string="Cost (company currency)",
        compute="_compute_charges",
        help="Of the session and its call.",
        groups=VIEWER,
        **MONEY,
    )
    margin = Amount(
        string="Margin (company currency)",
        compute="_compute_charges",
        help="Of the session and its call.",
        groups=VIEWER,
        **MONEY,
    )
    explanation = fields.Text(
        compute="_compute_explanation", string="Why This Price?", groups=VIEWER
    )

    sent_text = fields.Text(compute="_compute_sent_text", string="What Was Sent")

    # === COMPUTE METHODS === #

    def _compute_sent_text(self):
        kinds = self._kind_names()
        for session in self:
            lines = [
                f"{', '.join(filter(None, (_whose(part), kinds[part['kind']])))}:"
                f" {part['units']:,}"
                for part in session.parts or []
            ]
            session.sent_text = "\n".join(lines) or False

    def _kind_names(self):
        """{code of a kind: what people call it}"""
        kind = self.env["voip.ai.charge"]._fields["kind"]
        return dict(kind._description_selection(self.env))

    @api.model
    def _kind_of(self, kind, parts):
        """A kind in words, with the models of a session that have it."""
        name = self._kind_names().get(kind, kind)
        models = {_whose(part): None for part in parts or [] if part["kind"] == kind}
        whose = ", ".join(filter(None, models))
        if not whose:
            return name
        return self.env._("%(kind)s of %(model)s", kind=name, model=whose)

    def _compute_charges(self):
        charges = self.env["voip.ai.charge"].search([("session_id", "in", self.ids)])
        grouped = charges.grouped("session_id")
        self.env.flush_all()
        # The user may read the sessions, and so what they came to.
        self.env.cr.execute(SUMS_SQL, [self.ids])
        sums = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for session in self:
            own = grouped.get(session, charges.browse())
            back = {charge.reversal_of for charge in own} - {0}
            session.charge_ids = own.filtered(
                lambda c, back=back: not c.reversal_of and c.id not in back
            )
            amount, call, total, cost, margin = sums.get(session.id, (0,) * 5)
            session.amount, session.call_amount = amount, call
            session.total, session.cost, session.margin = total, cost, margin

    def _compute_explanation(self):
        charges = self.env["voip.ai.charge"].search([("session_id", "in", self.ids)])
        grouped = charges.grouped("session_id")
        for session in self:
            own = grouped.get(session, charges.browse())
            session.explanation = "\n".join(session._why(own)) or False

    def _why(self, charges):
        """Sentences about its charges, the oldest first."""
        back = {charge.reversal_of for charge in charges} - {0}
        for charge in charges:
            if charge.reversal_of:
                continue
            sentence = charge._sentence()
            if charge.id in back:
                sentence = self.env._("Taken back: %s", sentence)
            yield sentence

    # === ACTION METHODS === #

    def action_view_call(self):
        """The call record that it belongs to."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.cdr",
            "res_id": self.cdr_id,
            "views": [(False, "form")],
        }

    @api.model
    def action_view_lone_calls(self):
        """Calls of the last 31 days that should have a session and have none."""
        self.env["voip.cdr"].check_access("read")
        self.env.flush_all()
        self.env.cr.execute(LONE_CALLS_SQL, [self.env.companies.ids])
        found = self.env.cr.fetchall()
        since = min((start for _id, start in found), default=fields.Datetime.now())
        domain = [
            ("id", "in", [number for number, _start in found]),
            ("start", ">=", fields.Datetime.to_string(since)),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calls Without Session"),
            "res_model": "voip.cdr",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": domain,
            "help": Markup("<p class='o_view_nocontent_smiling_face'>%s</p><p>%s</p>")
            % (
                self.env._("No call of the last 31 days lacks its session"),
                self.env._(
                    "Calls of accounts with the tick Calls Have AI Sessions come here"
                    " when they have waited for one as long as the account says."
                ),
            ),
        }

    def action_view_usage(self):
        """The rated usage that it became."""
        self.check_access("read")
        self.ensure_one()
        charges = self.env["voip.ai.charge"].search([("session_id", "=", self.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        domain = [
            ("account_id", "in", charges.account_id.ids),
            ("started_at", ">=", min(charges.mapped("started_at"), default=False)),
            ("id", "in", charges.mapped("usage_id")),
        ]
        return action | {"domain": domain, "context": {}}


def _whose(part):
    return part["model"] or part["provider"]


class VoipAiCharge(models.Model):
    _inherit = "voip.ai.charge"

    def _sentence(self, *, by_price=True):
        """What one charge is: what for, by which price, and its units.

        :param by_price: also by which price; what it is made of is not for customers
        """
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        whose = self.model_id.name or self.provider_id.name
        what = ", ".join(filter(None, (whose, kinds[self.kind])))
        words = [f"{what}:", self._multiplication()]
        if self.price_id and by_price:
            words.append(self._priced_by())
        if self.start:
            words.append(
                self.env._("(after %s units of the month)", f"{self.start:,}")
            )
        return " ".join(words)

    def _multiplication(self):
        if self.word == "included":
            return self.env._("%s units are included.", f"{self.units:,}")
        if self.word == "not_charged":
            return self.env._("%s units, the call never connected.", f"{self.units:,}")
        result = f"{number(self.amount)} {self.currency_id.name}"
        if self.kind in ("minimum", "fee", "slots") or not self.unit_price:
            return result
        per = f" / {self.per:,}" if self.per != 1 else ""
        unit = " s" if self.kind in SECONDS else ""
        return f"{self.units:,}{unit} × {number(self.unit_price)}{per} = {result}"

    def _priced_by(self):
        price = self.price_id
        owner = (
            self.env._("own price of %s", price.account_id.code)
            if price.account_id
            else self.env._("price")
        )
        if price.pricing == "markup":
            return self.env._(
                "(%(owner)s %(price)s: mark-up %(markup)s %% on cost, from %(day)s on)",
                owner=owner,
                price=price.label,
                markup=number(price.markup_percent),
                day=price.effective_from,
            )
        return self.env._(
            "(%(owner)s %(price)s, from %(day)s on)",
            owner=owner,
            price=price.label,
            day=price.effective_from,
        )


# After the time that sessions and calls wait for each other.
LONE_CALLS_SQL = """
SELECT u.source_id, u.started_at
  FROM voip_account a
  JOIN voip_usage_row u ON u.account_id = a.id
   AND u.started_at > now() AT TIME ZONE 'UTC' - interval '31 days'
   AND u.started_at < now() AT TIME ZONE 'UTC'
                      - COALESCE(a.ai_wait_hours, 0) * interval '1 hour'
 WHERE a.has_ai_calls AND a.company_id = ANY(%s)
   AND u.source_id IS NOT NULL AND u.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM voip_ai_session s WHERE s.cdr_id = u.source_id)
 ORDER BY u.started_at LIMIT 10000
"""
# A call's usage is its account's, and begins when the call does.
SUMS_SQL = """
SELECT s.id, COALESCE(a.amount, 0)::float8, COALESCE(c.amount, 0)::float8,
       (COALESCE(a.amount, 0) + COALESCE(c.amount, 0))::float8,
       (COALESCE(a.cost, 0) + COALESCE(c.cost, 0))::float8,
       (COALESCE(a.company, 0) - COALESCE(a.cost, 0)
        + COALESCE(c.company, 0) - COALESCE(c.cost, 0))::float8
  FROM voip_ai_session s
  LEFT JOIN LATERAL (
       SELECT sum(h.amount) AS amount, sum(h.cost) AS cost,
              sum(COALESCE(u.amount_company, u.amount)) AS company
         FROM voip_ai_charge h
         JOIN voip_usage_row u ON u.id = h.usage_id AND u.account_id = h.account_id
          AND u.started_at = h.started_at
        WHERE h.session_id = s.id) a ON true
  LEFT JOIN LATERAL (
       SELECT sum(u.amount) AS amount, sum(u.cost) AS cost,
              sum(COALESCE(u.amount_company, u.amount)) AS company
         FROM voip_usage_row u
        WHERE u.account_id = s.account_id AND u.started_at = s.cdr_start
          AND u.source_id = s.cdr_id) c ON true
 WHERE s.id = ANY(%s)
"""
