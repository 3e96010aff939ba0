"""Usage summaries of accounts, by destination and by day."""

from datetime import date, timedelta

_OF = """
  FROM voip_usage_summary
 WHERE account_id = ANY(%s) AND payer_id = %s AND local_day BETWEEN %s AND %s
"""
_SUMS = """
    COALESCE(sum(attempts), 0)::bigint AS attempts,
    COALESCE(sum(calls), 0)::bigint AS calls,
    COALESCE(sum(seconds), 0)::bigint AS seconds,
    COALESCE(sum(units), 0)::bigint AS units, sum(amount)::text AS amount
"""
ROWS = f"""
SELECT account_id, service_id, label AS name, unit_price::text AS rate,
       COALESCE(deck_currency_id, currency_id) AS rate_currency,
       (SELECT COALESCE(jsonb_object_agg(key, value), '{{}}')
          FROM jsonb_each(facets) WHERE key = ANY(%s)) AS said, {_SUMS} {_OF}
 GROUP BY 1, 2, 3, unit_price, 5, 6
 ORDER BY 3, unit_price, 1, 2, 5
"""
DAYS = f"SELECT local_day::text AS date, {_SUMS} {_OF} GROUP BY local_day ORDER BY 1"


def rows(env, params, names):
    """Rows by account, service, destination and price; the account's own come first.

    :param params: ids of accounts, id of who pays, first and last day
    :param names: {account id: name of its section}
    """
    document = env["voip.billing.document"]
    env.cr.execute(ROWS, [list(document._label_keys()), *params])
    found = env.cr.dictfetchall()
    services = env["voip.service"].sudo().browse({row["service_id"] for row in found})
    units = {each.id: each.unit for each in services}
    services = {each.id: each.name for each in services}
    ids = {row["rate_currency"] for row in found}
    currencies = env["res.currency"].sudo().browse(ids)
    currencies = {each.id: each.name for each in currencies}
    for row in found:
        said = row.pop("said")
        row["name"] = document._label(row["name"], said)
        row["is_destination"] = not said and units[row["service_id"]] == "minute"
        row["section"] = names[row.pop("account_id")]
        row["service"] = services[row.pop("service_id")]
        row["rate_currency"] = currencies[row["rate_currency"]]
    return sorted(found, key=lambda row: (row["section"], row["service"]))


def days(env, params):
    """Sums of each day on which something was used."""
    env.cr.execute(DAYS, params)
    return env.cr.dictfetchall()


def sample(currency):
    """(rows, days) of a report that nobody sent."""
    places = (
        ("Norbrook, fixed", "0.0085", 5210, 1200, 164400, "23.29"),
        ("Norbrook, mobile", "0.0312", 930, 310, 21235, "11.04"),
        ("Estmark, mobile, Telia", "0.08975", 64, 40, 4118, "6.16"),
    )
    found = [
        {
            "section": section,
            "service": "Calls",
            "name": name,
            "is_destination": True,
            "rate": rate,
            "rate_currency": currency,
            "attempts": attempts,
            "calls": calls,
            "seconds": seconds,
            "units": 0,
            "amount": amount,
        }
        for section in ("", "Support centre")
        for name, rate, attempts, calls, seconds, amount in places
    ]
    of_day = {"attempts": 443, "calls": 110, "seconds": 13554, "units": 0}
    spread = [
        {"date": str(date(2026, 1, 1) + timedelta(days=n)), "amount": f"{2 + n % 5}.31"}
        for n in range(28)
    ]
    return found, [{**of_day, **day} for day in spread]
