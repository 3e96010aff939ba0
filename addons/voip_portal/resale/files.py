"""Usage and calls at a reseller's prices as CSV: formulas of spreadsheets stay text."""

from odoo.addons.voip_billing_base.reader.values import harmless, plain

from ..controllers.csv_file import written
from .figures import resale_sums


def month_csv(env, account, first, last):
    """Usage of a sub-account by day, service and destination, at resale prices alone.

    Amounts have all their figures, so that their sum is exact.
    """
    groups = ("day", "service", "destination")
    rows = resale_sums(env, account, first, last, *groups)
    rows.sort(key=lambda row: (row["day"], row["service"], row["destination"]))
    services = env["voip.service"].sudo().browse({row["service"] for row in rows})
    names = {service.id: service.name for service in services}
    heads = (
        env._("Day"), env._("Service"), env._("Destination"), env._("Calls"),
        env._("Seconds"), env._("Amount without taxes"), env._("Currency"),
    )  # fmt: skip
    currency = account.sudo().currency_id.name
    return written(
        heads,
        (
            (
                row["day"], harmless(names[row["service"]]),
                harmless(row["destination"]), row["calls"], row["seconds"],
                plain(row["amount"]), currency,
            )
            for row in rows
        ),
    )  # fmt: skip
