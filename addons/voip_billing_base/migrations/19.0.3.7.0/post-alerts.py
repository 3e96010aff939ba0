"""Balances that are low already are known: their customers get no mail of today."""

from odoo.addons.voip_billing_base.alerts.voip_account_alert import CROSSED_SQL


def migrate(cr, version):
    cr.execute(CROSSED_SQL)
