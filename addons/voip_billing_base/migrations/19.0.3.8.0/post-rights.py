"""Rules of portal customers know which contacts an account names."""

from odoo import SUPERUSER_ID, api

MINE = (
    ", '|', '|', ('{0}right_ids', '=', False),"
    " ('{0}right_ids.partner_id', '=', user.partner_id.id),"
    " ('{0}partner_id', 'child_of', [user.partner_id.id])]"
)
RULES = {
    "voip_account_rule_portal": "",
    "voip_wallet_rule_portal": "account_id.",
    "voip_wallet_entry_rule_portal": "account_id.",
    "voip_usage_rule_portal": "account_id.",
    "voip_usage_summary_rule_portal": "account_id.",
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, path in RULES.items():
        rule = env.ref(f"voip_billing_base.{name}", raise_if_not_found=False)
        if rule and "right_ids" not in rule.domain_force:
            domain = rule.domain_force.strip().removesuffix("]")
            rule.domain_force = domain + MINE.format(path)
