"""The EPC QR code of a SEPA credit transfer (EPC069-12), and QR codes as pictures."""

import re
from base64 import b64encode
from decimal import Decimal
from io import BytesIO

import qrcode

# IBANs of accounts within SEPA begin so.
SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC"
    " MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA".split()
)
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")


def valid_iban(text):
    """Whether ``text``, without spaces, has the form and check digits of an IBAN."""
    if not IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(mark, 36)) for mark in turned)) % 97 == 1


def payload(holder, iban, bic, currency, amount, text):
    """What the code says; "" where the standard does not apply.

    :param amount: exact text
    """
    iban = re.sub(r"\s", "", iban or "").upper()
    fits = currency == "EUR" and iban[:2] in SEPA and valid_iban(iban)
    if not fits or not LEAST <= Decimal(amount) <= MOST or not holder:
        return ""
    lines = ["BCD", "002", "1", "SCT", _plain(bic, 11), _plain(holder, 70), iban]
    return "\n".join([*lines, f"EUR{amount}", "", "", _plain(text, 140)])


def _plain(text, length):
    return " ".join(str(text or "").split())[:length]


def picture(text):
    """A QR code of ``text`` as a ``data:`` URL; "" of none."""
    if not text:
        return ""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4, border=2
    )
    code.add_data(text.encode())
    stream = BytesIO()
    code.make_image().get_image().save(stream, "PNG")
    return "data:image/png;base64," + b64encode(stream.getvalue()).decode()
