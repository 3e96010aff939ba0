"""Shipped templates that nobody changed become what is shipped now, as a version."""

from odoo import SUPERUSER_ID, api

# What upgrades of before published: they said so in the note alone.
MARK = """
UPDATE voip_document_template_version SET is_shipped = TRUE
 WHERE note = 'As shipped with the upgrade' AND is_shipped IS NOT TRUE
"""


def migrate(cr, version):
    cr.execute(MARK)
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["voip.document.template.version"].invalidate_model(["is_shipped"])
    known = env["ir.model.data"].search([("model", "=", "voip.document.template")])
    templates = env["voip.document.template"].browse(known.mapped("res_id"))
    templates.exists()._take_newly_shipped()
