"""What is fixed in the data of documents, see docs/documents.md."""

VERSION = 1
DEFAULT_COLOR = "#1f4e79"
# What a line has not, by its kind.
EMPTY_LINE = {
    "service": "",
    "is_late": False,
    "calls": None,
    "calls_text": "",
    "seconds": None,
    "minutes_text": "",
    "unit": "",
    "rate": None,
    "rate_text": "",
    "rate_currency": "",
    "quantity": None,
    "quantity_text": "",
    "price": None,
    "price_text": "",
    "discount": None,
    "discount_text": "",
    "taxes": "",
    "amount": None,
    "amount_text": "",
    "tax": None,
    "tax_text": "",
}
