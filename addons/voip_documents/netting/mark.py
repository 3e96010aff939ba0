"""SQL of what the check compares of a netting that was asked for."""

from odoo.addons.voip_billing_base.charge.witness import digest, names

# 64 bits of what is netted: items with their amounts, and the rates.
MARK = f"""
(SELECT sum({digest("l", names(
    "id, move_line_id, currency_id, side, amount, withheld"))})
   FROM voip_netting_line l WHERE l.netting_id = n.id)
+ COALESCE((SELECT sum({digest("e", names(
    "currency_id, other_currency_id, rate"))})
   FROM voip_netting_rate e WHERE e.netting_id = n.id), 0)
"""
MARK_SQL = f"SELECT ({MARK})::text FROM voip_netting n WHERE n.id = %s"
