"""Whose a call is by what its provider calls the agent, project or number."""

from odoo import fields, models


class VoipAiProviderAccount(models.Model):
    """A name of the provider's, and the account that it stands for."""

    _name = "voip.ai.provider.account"
    _inherit = ["voip.guard"]
    _description = "Account of a Provider's Name"
    _order = "import_id, name, id"
    _check_company_auto = True

    import_id = fields.Many2one(
        "voip.ai.provider.import",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(
        string="Provider's ID",
        required=True,
        help="As the provider writes it. Vapi: of an assistant, squad, workflow, phone"
        " number or campaign. Retell: of an agent. ElevenLabs: of an agent or phone"
        " number. OpenAI: of an API key or project.",
    )
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )

    _name_uniq = models.Constraint(
        "UNIQUE (import_id, name)", "This ID has an account already."
    )
