"""What a kind of units of a model costs: us, or a customer."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.voip_billing_base.const import PRICE
from odoo.addons.voip_billing_base.fields import ExactFloat

from ..engine import book
from ..engine.kinds import SENT, per_of

SCALE = 10**8
SIDES = [("sale", "Customers pay"), ("cost", "The provider asks")]
WORDS = {
    "input": "Input tokens",
    "input.audio": "Audio input tokens",
    "input.cached": "Cached input tokens",
    "input.cached.audio": "Cached audio input tokens",
    "input.cache_write": "Cache write tokens",
    "input.cache_write.1h": "Cache write tokens (1 h)",
    "output": "Output tokens",
    "output.audio": "Audio output tokens",
    "output.reasoning": "Reasoning tokens",
    "speech_to_text": "Speech to text",
    "text_to_speech": "Text to speech",
    "platform": "Platform",
    "tool": "Tools",
    "minute": "Minutes",
}
# Minutes of sessions are the plan's.
PRICED = [(kind, WORDS[kind]) for kind in SENT]
SAME = (
    "side || '|' || COALESCE(account_id, 0) || '|' || COALESCE(provider_id, 0) || '|'"
    " || COALESCE(model_id, 0) || '|' || COALESCE(kind, '') || '|'"
    " || COALESCE(currency_id, 0)"
)


class VoipAiPrice(models.Model):
    """A price of 1,000 tokens, characters or tools, or of a minute; from a day on.

    A customer pays a fixed price, or a mark-up on what it costs us.
    """

    _name = "voip.ai.price"
    _inherit = ["voip.dated.price"]
    _description = "AI Price"
    _order = "side desc, provider_id, model_id, kind, effective_from desc, id"
    _rec_name = "label"
    _check_company_auto = True
    _priced = "ai_price"

    label = fields.Char(compute="_compute_label", string="Price Of")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    side = fields.Selection(SIDES, required=True, default="sale")
    provider_id = fields.Many2one(
        "voip.ai.provider",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: all providers.",
    )
    model_id = fields.Many2one(
        "voip.ai.model",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('provider_id', '=?', provider_id)]",
        help="Empty: all models.",
    )
    kind = fields.Selection(
        PRICED,
        help="A kind without a price of its own takes that of the kind it is part of:"
        " cached input that of input. Empty: all kinds, for a mark-up.",
    )
    pricing = fields.Selection(
        [("fixed", "Price"), ("markup", "Mark-up on cost")],
        required=True,
        default="fixed",
    )
    price = ExactFloat(
        aggregator=None,
        help="Of 1,000 tokens, characters or tools; of a minute of speech to text or of"
        " the platform.",
        **PRICE,
    )
    markup_percent = fields.Float(
        string="Mark-up (%)", digits=(9, 4), aggregator=None
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="A customer's price counts for accounts in its currency. A mark-up has"
        " none: it is on the cost in whatever currency.",
    )
    origin = fields.Char(
        readonly=True, help="The catalogue and its version that it was taken from."
    )

    _one_a_day = models.Constraint(
        "EXCLUDE USING gist (int4range(company_id, company_id, '[]') WITH =,"
        f" numrange(hashtextextended({SAME}, 0)::numeric,"
        f" hashtextextended({SAME}, 0)::numeric, '[]') WITH =,"
        " daterange(effective_from, effective_to, '[]') WITH &&)",
        "There is such a price on these days already: end that one first, or give this"
        " one other days.",
    )
    _bounds = models.Constraint(
        "CHECK (COALESCE(price, 0) BETWEEN 0 AND 1000000"
        " AND COALESCE(markup_percent, 0) BETWEEN 0 AND 10000)",
        "A price is 0 to 1,000,000, a mark-up 0 to 10,000 %.",
    )
    _sides = models.Constraint(
        "CHECK (side = 'sale' OR (account_id IS NULL AND pricing = 'fixed'"
        " AND provider_id IS NOT NULL))",
        "A price that a provider asks names the provider, and neither an account nor a"
        " mark-up.",
    )
    _fixed = models.Constraint(
        "CHECK (CASE pricing WHEN 'fixed' THEN kind IS NOT NULL"
        " AND currency_id IS NOT NULL ELSE currency_id IS NULL END)",
        "A price is of a kind and in a currency; a mark-up has no currency.",
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "model_id.name", "provider_id.name")
    def _compute_label(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for price in self:
            whose = price.model_id.name or price.provider_id.name
            words = (whose, kinds.get(price.kind))
            price.label = ", ".join(filter(None, words)) or self.env._("Everything")

    @api.depends("pricing", "company_id", "account_id")
    def _compute_currency_id(self):
        for price in self:
            if price.pricing == "markup":
                price.currency_id = False
            else:
                price.currency_id = (
                    price.currency_id
                    or price.account_id.currency_id
                    or price.company_id.currency_id
                )

    # === CONSTRAINT METHODS === #

    @api.constrains("model_id", "provider_id")
    def _check_provider(self):
        for price in self.filtered("model_id"):
            if price.provider_id != price.model_id.provider_id:
                raise ValidationError(
                    self.env._(
                        "%(model)s is a model of %(provider)s.",
                        model=price.model_id.name,
                        provider=price.model_id.provider_id.name,
                    )
                )

    @api.constrains("account_id", "currency_id", "pricing")
    def _check_currency(self):
        for price in self.filtered("account_id"):
            theirs = price.account_id.currency_id
            if price.pricing == "fixed" and price.currency_id != theirs:
                raise ValidationError(
                    self.env._(
                        "%(account)s is in %(own)s: choose a price in that currency.",
                        account=price.account_id.code,
                        own=theirs.name,
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _plain(self, vals):
        """A model says whose it is."""
        if not isinstance(vals, dict) or not vals.get("model_id"):
            return vals
        if vals.get("provider_id"):
            return vals
        model = self.env["voip.ai.model"].browse(vals["model_id"])
        return {**vals, "provider_id": model.sudo().provider_id.id}

    def _terms(self):
        return {
            **super()._terms(),
            "side": self.side,
            "provider_id": self.provider_id.id,
            "model_id": self.model_id.id,
            "kind": self.kind or "",
            "account_id": self.account_id.id,
            "pricing": self.pricing,
            "price": f"{self.price:.8f}",
            "markup_percent": f"{self.markup_percent:.4f}",
            "currency_id": self.currency_id.id,
        }

    def _charged_until(self):
        self.env["voip.ai.charge"].flush_model()
        self.env.cr.execute(CHARGED_UNTIL_SQL, [self.ids])
        return dict(self.env.cr.fetchall())

    @api.model
    def _book(self, company_id, side, currency_id=None):
        """The :class:`~..engine.book.Book` of one side.

        :param currency_id: of the sale side: the accounts' currency
        """
        self.flush_model()
        self.env.cr.execute(BOOK_SQL, [company_id, side, currency_id, currency_id])
        return book.Book(
            book.Price(
                id=number,
                price=int(price),
                per=per_of(kind),
                markup=None if markup is None else int(markup),
                currency_id=currency or 0,
                supplier_id=supplier or 0,
                account_id=account or 0,
                provider_id=provider or 0,
                model_id=model or 0,
                kind=kind,
                first=first,
                last=book.FOREVER if last is None else last,
            )
            for number, price, markup, currency, supplier, account, provider, model,
            kind, first, last in self.env.cr.fetchall()
        )  # fmt: skip


BOOK_SQL = """
SELECT p.id, (COALESCE(p.price, 0) * 100000000)::bigint,
       CASE p.pricing WHEN 'markup' THEN round(p.markup_percent::numeric * 10000) END,
       p.currency_id, v.supplier_id, p.account_id, p.provider_id, p.model_id,
       COALESCE(p.kind, ''), p.effective_from - DATE '1970-01-01',
       p.effective_to - DATE '1970-01-01'
  FROM voip_ai_price p LEFT JOIN voip_ai_provider v ON v.id = p.provider_id
 WHERE p.company_id = %s AND p.side = %s
   AND (%s::int IS NULL OR p.currency_id IS NULL OR p.currency_id = %s)
 ORDER BY p.id
"""
CHARGED_UNTIL_SQL = """
SELECT p.id, c.day
  FROM unnest(%s::int[]) p (id)
 CROSS JOIN LATERAL (
       SELECT GREATEST(
              (SELECT max(local_day) FROM voip_ai_charge WHERE price_id = p.id),
              (SELECT max(local_day) FROM voip_ai_charge WHERE cost_price_id = p.id)
              ) AS day) c
 WHERE c.day IS NOT NULL
"""
