"""Exchange rates that exist: a missing one is an error, never 1 or a later one."""

RATE_SQL = """
SELECT EXISTS (
    SELECT FROM res_currency_rate
     WHERE currency_id = %s AND name <= %s AND rate > 0
       AND (company_id IS NULL OR company_id = ANY(%s)))
"""


def has_rate(company, currency_id, day):
    """Whether a currency has a rate of ``day`` or before it.

    :param company: its own currency needs none
    :param day: date of the call, or of the document
    """
    if currency_id == company.currency_id.id:
        return True
    cr = company.env.cr
    companies = [company.id, company.sudo().root_id.id]
    cr.execute(RATE_SQL, [currency_id, day, companies])
    return cr.fetchone()[0]
