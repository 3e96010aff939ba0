"""Exchange rates that exist: a missing one is an error, never 1 or a later one."""

from decimal import Context, Decimal

from odoo.exceptions import UserError
from odoo.tools import format_date

# Of a quotient without end; an amount of 10**15 stays right to 8 decimals.
DIGITS = Context(prec=24)
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


def lacking_rate(source, target, company, day):
    """The first of two unlike currencies that has no rate of ``day`` or before it.

    :return: an empty recordset where the amounts can be converted
    """
    if source != target:
        for currency in source | target:
            if not has_rate(company, currency.id, day):
                return currency
    return source.browse()


def refuse_unconverted(company, currency, day):
    """:raises UserError: the books of ``company`` cannot convert ``currency`` on a day;
    Odoo would take a later rate
    """
    env = company.env
    env["res.currency.rate"].flush_model()
    if has_rate(company, currency.id, day):
        return
    raise UserError(
        env._(
            "%(currency)s has no exchange rate of %(day)s or before. Enter one, or"
            " choose a later date.",
            currency=currency.name,
            day=format_date(env, day),
        )
    )


def rate_between(source, target, company, day):
    """Units of ``target`` for one of ``source``, as Odoo has it, from exact rates.

    A quotient of floats would miss what the rates say: 0.92 / 0.8 is 1.15.

    :param day: date; :func:`has_rate` of both currencies
    :rtype: decimal.Decimal
    """
    if source == target:
        return Decimal(1)
    rates = (source | target)._get_rates(company, day)
    over, under = (Decimal(repr(rates[c.id])) for c in (target, source))
    return DIGITS.divide(over, under)
