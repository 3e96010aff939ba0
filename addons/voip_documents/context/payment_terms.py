"""Payment terms in the customer's language.

Odoo translates the terms that it ships. Terms of people's own, and all of them where a
language was added without Odoo's translations, have one name: a paper in another
language tells what their lines say instead.
"""

from ..engine import exact
from .figures import amount_of, shortest


def terms_text(move, layout):
    """What the payment terms of an invoice are called in a language.

    :param move: the invoice, in the language's environment
    :param layout: how numbers and amounts are written, see :mod:`~..engine.exact`
    :return: their name where they have one in the language, else what their lines say;
        "" without terms
    """
    terms = move.invoice_payment_term_id
    if not terms or _is_named(terms):
        return terms.name or ""
    parts = [_part(line, move, layout) for line in terms.line_ids]
    if terms.early_discount:
        share = _percent(terms.discount_percentage, layout)
        days = terms.discount_days
        parts.append(
            move.env._(
                "%(share)s discount if paid within %(days)s days",
                share=share, days=days,
            )  # fmt: skip
        )
    return "; ".join(parts) or terms.name


def _is_named(terms):
    """Whether the name is in the language: it has one, or is of the same in a country.

    What was written in English counts as English, whoever wrote it.
    """
    known = terms._fields["name"]._get_stored_translations(terms) or {}
    language = (terms.env.lang or "en_US").split("_")[0]
    return language in {code.split("_")[0] for code in known}


def _part(line, move, layout):
    """``100.00 € within 30 days``; of the whole only when."""
    when, lines = _when(line, move.env), line.payment_id.line_ids
    if len(lines) == 1:
        return when
    if line == lines[-1] and "fixed" in lines.mapped("value"):
        # Whatever it says: Odoo makes the last one what the others leave.
        return move.env._("the rest %s", when)
    if line.value == "fixed":
        amount = amount_of(line.value_amount, move.currency_id)
        share = exact.money_text(amount, layout)
    else:
        share = _percent(line.value_amount, layout)
    return f"{share} {when}"


def _when(line, env):
    days = line.nb_days
    if line.delay_type == "days_after_end_of_month":
        return env._("%s days after the end of the month", days)
    if line.delay_type == "days_after_end_of_next_month":
        return env._("%s days after the end of the next month", days)
    if line.delay_type == "days_end_of_month_on_the":
        day = line.days_next_month or ""
        day = int(day) if day.isdigit() else 1
        if not day:
            return env._("%s days, then at the end of the month", days)
        return env._(
            "%(days)s days, then on day %(day)s of the next month", days=days, day=day
        )
    return env._("within %s days", days) if days else env._("at once")


def _percent(value, layout):
    text = shortest(value)
    places = len(text.partition(".")[2])
    return f"{exact.number_text(text, places, layout)}{exact.GAP}%"
