"""What is to be done about the errors of sessions."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# {error: sentence} with the account, its currency, the company, the day
# and what it is about.
WHAT_TO_DO = {
    "no_account": _lt(
        "No account of %(company)s has the code %(account)s. Correct the code"
        " here, or give an account this code, then try again."
    ),
    "account_closed": _lt(
        "Account %(account)s is closed. Name another account here, then try"
        " again."
    ),
    "unknown_provider": _lt(
        "There is no provider %(about)s. Add it under AI Voice, Providers, then"
        " try again."
    ),
    "unknown_model": _lt(
        "No model is called %(about)s. Add it under AI Voice, Models, or as an"
        " alias of one, then try again."
    ),
    "ambiguous_model": _lt(
        "%(about)s is a model of several providers, and the session names none."
        " Let one of them have the name under AI Voice, Models, then try again."
    ),
    "no_price": _lt(
        "Account %(account)s has no price in %(currency)s of %(about)s on %(day)s."
        " Add one under AI Voice, Prices, then try again."
    ),
    "no_cost_price": _lt(
        "The provider has no price of %(about)s on %(day)s. Add one under AI Voice,"
        " Prices, then try again."
    ),
    "missing_duration": _lt(
        "The plan has a price or included minutes, and the session says neither"
        " its seconds nor its end. Let it be sent again with a higher revision."
    ),
    "no_exchange_rate": _lt(
        "%(about)s has no exchange rate of %(day)s or before, or is no"
        " currency. Enter one, then try again."
    ),
    "out_of_bounds": _lt(
        "Account %(account)s would be charged more than the books hold. Look at"
        " the prices and the units."
    ),
}
