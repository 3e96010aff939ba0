"""Whether lines are of destinations, as those of calls are: it is their heading."""

# What a module tells in words of its own, as minutes of AI, names no destination.
WORDED = """
SELECT DISTINCT move_line_id FROM voip_usage_summary
 WHERE move_line_id = ANY(%s) AND facets ?| %s
"""


def has_destinations(move):
    """Whether any line of an invoice or credit note is of calls to a destination."""
    lines = move.invoice_line_ids.filtered(
        lambda line: (
            line.voip_service_id.unit == "minute" and not line._voip_is_money_part()
        )
    )
    rated = set(lines._voip_rated_ids())
    if not rated:
        return False
    keys = list(move.env["voip.billing.document"]._label_keys())
    move.env["voip.usage.summary"].flush_model(["facets", "move_line_id"])
    move.env.cr.execute(WORDED, [list(rated), keys])
    return bool(rated - {line for (line,) in move.env.cr.fetchall()})
