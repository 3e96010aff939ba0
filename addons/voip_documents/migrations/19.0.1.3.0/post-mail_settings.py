"""Settings of mail are compared with the audit trail: it says what they are now."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].with_context(active_test=False)
    companies.search([])._voip_audit_mail({})
