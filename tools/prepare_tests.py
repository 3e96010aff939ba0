"""Make a database with all add-ons fit for their tests: what each would make again."""

from odoo.addons.voip_billing_base.tests import books_kept
from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon


def main(env, *arguments):
    if "assets" in arguments:
        # Made once here, and not by each process that has browser tests.
        env["ir.qweb"]._pregenerate_assets_bundles()
        env.cr.commit()
    books_kept.keep(VoipBillingCommon)
