"""Rated usage gets a lean table; the old one is set aside until its rows are moved."""

from odoo.addons.voip_billing_base.charge.upgrade import set_aside

LINKS = ("company", "account", "payer", "service", "currency", "destination")


def migrate(cr, version):
    cr.execute("DROP VIEW IF EXISTS voip_usage")
    set_aside(
        cr,
        "voip_usage_row",
        [
            f"voip_usage_row_{name}_idx"
            for name in ("account", "started", "summary", "batch")
        ],
    )
    for name in LINKS:
        cr.execute(
            "ALTER TABLE voip_usage_summary"
            f" DROP CONSTRAINT IF EXISTS voip_usage_summary_{name}_id_fkey"
        )
    for name in ("company", "payer"):
        cr.execute(f"DROP INDEX IF EXISTS voip_usage_summary__{name}_id_index")
