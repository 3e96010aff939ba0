import ipaddress
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..calls.parties.parties import NUMBER_FIELDS
from ..engine import NumberRules
from ..engine.national import USUAL_DIGITS, contradiction
from ..engine.numbers import normalise

_lt = LazyTranslate(__name__)
_SPLIT = re.compile(r"[\s,;]+")
# What :func:`contradiction` finds, by kind.
DOUBTS = {
    "no_prefix": _lt(
        "Country %(country)s has no national prefix: what is taken off belongs to the"
        " number."
    ),
    "other_prefix": _lt(
        "Country %(country)s does not dial %(prefix)s before national numbers."
    ),
    "area": _lt("The area code begins with the national prefix."),
    "country": _lt("%(country)s is no country code."),
    "international": _lt(
        "An international prefix begins national numbers of country %(country)s, too."
    ),
    "added": _lt(
        "Digits that begin with 0 are added, and there is no national prefix."
    ),
    "short_code": _lt("A short code is rated as a number that is too short."),
    "short": _lt("With digits at least below %(usual)s, short codes are numbers."),
    "local": _lt(
        "Short codes with as many digits as local numbers are read as these; name them"
        " under short codes."
    ),
}


class VoipTrunk(models.Model):
    """A way calls come in from a customer or go out to a supplier."""

    _name = "voip.trunk"
    _description = "VoIP Trunk"
    _inherit = ["mail.thread", "voip.coded"]
    _order = "side, name, id"
    _code_noun = _lt("trunk")

    name = fields.Char(tracking=True)
    code = fields.Char(tracking=True)
    side = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")],
        required=True,
        default="customer",
        index=True,
        help="Customer: calls that we sell. Supplier: calls that we buy.",
    )
    account_id = fields.Many2one(
        "voip.account",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        ondelete="restrict",
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Rate deck",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        help="Supplier: the prices we buy at. Customer: used instead of the account's "
        "deck.",
    )
    switch_id = fields.Many2one(
        "voip.switch",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Empty: on any switch.",
    )
    ip_addresses = fields.Char(
        string="IP addresses",
        tracking=True,
        help="Addresses or networks (203.0.113.0/28), separated by spaces or commas.",
    )
    auth_user = fields.Char(string="Authentication user", copy=False, tracking=True)
    tech_prefix = fields.Char(
        string="Technical prefix",
        tracking=True,
        help="Digits or # before the number that tell this trunk from others of the "
        "same address; taken off.",
    )
    strip_digits = fields.Integer(help="Digits taken off the front.")
    add_prefix = fields.Char(help="Digits put in front of numbers without +.")
    country_code = fields.Char(help="For national and local numbers, such as 44.")
    national_prefix = fields.Char(help="Before national numbers, such as 0.")
    international_prefixes = fields.Char(
        help="Before international numbers, separated by spaces. Empty: 00 and 011, "
        "only 00 where the national prefix is 0 or the country code is not 1."
    )
    default_national = fields.Boolean(
        string="Bare numbers are national",
        help="Otherwise a number without any prefix begins with its country code.",
    )
    area_code = fields.Char(help="For local numbers, after the country code.")
    local_length = fields.Integer(
        string="Local digits", help="Digits of a local number; 0: there are none."
    )
    min_digits = fields.Integer(
        string="Digits at least",
        default=7,
        help="A number dialled or meant with fewer digits is a short code; 0: none is.",
    )
    short_codes = fields.Char(
        tracking=True,
        help="Short codes and emergency numbers, separated by spaces, with what they "
        "are rated as: 911=999911. Without = they are refused.",
    )
    rules_warning = fields.Text(compute="_compute_rules_warning")
    tried_number = fields.Char(
        string="Try a number",
        store=False,
        help="A called number as the switch writes it; nothing is kept.",
    )
    tried_result = fields.Char(string="Is read as", compute="_compute_tried_result")

    _auth_user_uniq = models.UniqueIndex(
        "(company_id, auth_user) WHERE auth_user IS NOT NULL AND active IS TRUE",
        "Another trunk has this authentication user.",
    )
    _tech_prefix_form = models.Constraint(
        "CHECK (tech_prefix ~ '^[0-9#]{1,16}$')",
        "A technical prefix has 1 to 16 digits or #.",
    )
    _digits_bounds = models.Constraint(
        "CHECK (strip_digits BETWEEN 0 AND 15 AND local_length BETWEEN 0 AND 15)",
        "A number has at most 15 digits.",
    )
    _min_digits_bounds = models.Constraint(
        "CHECK (min_digits BETWEEN 0 AND 15)", "A number has at most 15 digits."
    )

    # === COMPUTE METHODS === #

    @api.depends(*NUMBER_FIELDS)
    def _compute_rules_warning(self):
        for trunk in self:
            try:
                rules = trunk._number_rules()
            except ValueError:
                # Saving says what is wrong.
                trunk.rules_warning = False
                continue
            found = contradiction(rules)
            trunk.rules_warning = found and self._rules_sentence(*found)

    @api.depends("tried_number", "tech_prefix", *NUMBER_FIELDS)
    def _compute_tried_result(self):
        for trunk in self:
            trunk.tried_result = trunk.tried_number and trunk._try(trunk.tried_number)

    # === CONSTRAINT METHODS === #

    @api.constrains("side", "account_id", "partner_id", "deck_id")
    def _check_side(self):
        for trunk in self:
            if trunk.side == "customer" and not trunk.account_id:
                raise ValidationError(self.env._("A customer trunk needs an account."))
            if trunk.side == "supplier" and not (trunk.partner_id and trunk.deck_id):
                raise ValidationError(
                    self.env._("A supplier trunk needs a supplier and a rate deck.")
                )
            if trunk.deck_id and trunk.deck_id.side != trunk.side:
                raise ValidationError(
                    self.env._("The rate deck is for the other side of the business.")
                )

    @api.constrains(*NUMBER_FIELDS)
    def _check_number_rules(self):
        for trunk in self:
            try:
                trunk._number_rules()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Number rules of %(trunk)s: %(reason)s",
                        trunk=trunk.display_name,
                        reason=str(error),
                    )
                ) from error

    @api.constrains("ip_addresses")
    def _check_ip_addresses(self):
        for trunk in self:
            trunk._networks()

    # === ACTION METHODS === #

    def action_try(self):
        """Open the dialog that shows what becomes of a number."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_trunk_try_action"
        )
        return {**action, "context": {"default_trunk_id": self.id}}

    # === BUSINESS METHODS === #

    def _networks(self):
        """Return the addresses as a list of ipaddress networks."""
        self.ensure_one()
        return self._networks_of(self.ip_addresses)

    @api.model
    def _networks_of(self, addresses):
        networks = []
        for text in filter(None, _SPLIT.split(addresses or "")):
            try:
                networks.append(ipaddress.ip_network(text))
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "%(address)s is not an IP address or network.", address=text
                    )
                ) from error
        return networks

    def _number_rules(self):
        """Return the :class:`NumberRules` of the trunk.

        :raise ValueError: for rules that make no sense
        """
        self.ensure_one()
        international = tuple((self.international_prefixes or "").split())
        return NumberRules(
            tech_prefix=self.tech_prefix or "",
            strip_digits=self.strip_digits,
            add_prefix=self.add_prefix or "",
            country_code=self.country_code or "",
            national_prefix=self.national_prefix or "",
            international_prefixes=international or None,
            default_national=self.default_national,
            area_code=self.area_code or "",
            local_length=self.local_length,
            min_digits=self.min_digits,
            short_codes=tuple(
                tuple(pair.partition("=")[::2])
                for pair in _SPLIT.split(self.short_codes or "")
                if pair
            ),
        )

    def _try(self, number):
        """What becomes of a called number: E.164, or why not."""
        self.ensure_one()
        try:
            digits = normalise(number, self._number_rules())
        except ValueError as error:
            return str(error)
        return f"+{digits}"

    def _rules_sentence(self, kind, dialled, meant):
        if meant.isdigit():
            example = self.env._(
                "For example %(dialled)s would be %(meant)s.",
                dialled=dialled,
                meant=meant,
            )
        else:
            example = self.env._("For example %(reason)s.", reason=meant)
        sentence = self.env._(DOUBTS[kind]) % {
            "country": self.country_code,
            "prefix": self.national_prefix,
            "usual": USUAL_DIGITS,
        }
        return f"{sentence} {example}"

    def _tell_warnings(self):
        """Put warnings about the number rules where they are read later, too."""
        for trunk in self:
            if trunk.rules_warning:
                trunk.message_post(body=trunk.rules_warning)
