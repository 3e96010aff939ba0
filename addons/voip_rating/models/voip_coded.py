"""What files and interfaces name by a code: decks, trunks, switches."""

import re
from itertools import chain, count
from unicodedata import combining, normalize

from odoo import fields, models

LONGEST_PROPOSED = 60


class CodeRule(models.Constraint):
    """A rule of codes; the model says in its own words what it refuses."""

    def get_error_message(self, model, diagnostics=None):
        return model._code_refusal(self.name)


class VoipCoded(models.AbstractModel):
    """A record of a company with a short name, unique there, that users search by.

    Models name themselves in ``_code_noun``, a translatable word as in "a deck".
    """

    _name = "voip.coded"
    _inherit = ["voip.guard"]
    _description = "Records with a Code"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True
    _code_noun = ""

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="What call records name it by, unique per company.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    _code_uniq = CodeRule("UNIQUE(company_id, code)")
    _code_form = CodeRule("CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$')")

    def _free_code(self):
        """A code made of the name that no record of the company has; "" where the name
        has neither Latin letters nor digits."""
        letters = normalize("NFKD", (self.name or "").upper())
        plain = "".join(letter for letter in letters if not combining(letter))
        words = "-".join(re.findall(r"[A-Z0-9._]+", plain))
        code = words[:LONGEST_PROPOSED].strip("-._")
        if not code:
            return ""
        mine = [("company_id", "=", self.company_id.id), ("code", "=like", f"{code}%")]
        taken = set(self.with_context(active_test=False).search(mine).mapped("code"))
        others = (f"{code}-{number}" for number in count(2))
        return next(free for free in chain([code], others) if free not in taken)

    def _code_refusal(self, rule):
        """Sentence for the user.

        :param rule: ``code_uniq`` or ``code_form``
        """
        noun = self._code_noun
        if rule == "code_uniq":
            return self.env._(
                "The code of a %(noun)s must be unique in its company.", noun=noun
            )
        return self.env._(
            "A %(noun)s code has 1 to 64 letters, digits, dots, dashes or underscores.",
            noun=noun,
        )
