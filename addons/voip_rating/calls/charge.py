"""Service charges: records that say themselves what they cost. No Odoo here.

A format says which rows are charges. Their amount is kept beside the record, where no
sender can put it: what says it otherwise is refused.
"""

import json
import re

import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine.copy_lines import content

from ..engine.money import to_scaled
from ..engine.parse import BadValue, quote
from .column import repeated, rows_where
from .limits import to_strict_json

CHARGE = "_charge"
CURRENCY = re.compile(r"[A-Z]{3}")


def parts(text):
    """(amount scaled by 10**8, currency code) of a charge like ``9.5 GBP``.

    :raises BadValue: it is none
    """
    amount, _space, currency = text.partition(" ")
    if not currency:
        raise BadValue(
            "charge_currency: is missing; where files have none, a copy of the format"
            " names it as a constant"
        )
    if not CURRENCY.fullmatch(currency):
        raise BadValue(f"charge_currency: {quote(currency)} is no currency")
    try:
        return to_scaled(amount), currency
    except BadValue as error:
        raise BadValue(f"charge_amount: {error}") from error


def beside(metadata, amounts, currencies):
    """Metadata of charges with what they cost.

    :param metadata: Arrow array of JSON texts, or list of JSON texts or BadValues
    :param amounts, currencies: Arrow arrays of texts
    """
    texts = pc.binary_join_element_wise(
        *(pc.utf8_trim_whitespace(column) for column in (amounts, currencies)), " "
    )
    if isinstance(metadata, pa.Array):
        metadata = metadata.to_pylist()
    return [
        said
        if isinstance(said, BadValue)
        else to_strict_json({**json.loads(said or "{}"), CHARGE: text})
        for said, text in zip(metadata, texts.to_pylist(), strict=True)
    ]


def read(metadata, taken, errors):
    """Charges of records like ``9.5 GBP``, empty for calls.

    :param metadata: Arrow array of JSON texts
    :param taken: whether the records are in a format that has charges
    :param errors: noted are charges that cannot be taken
    """
    # Few records have it, and all bytes at once are searched ten times as fast.
    if f'"{CHARGE}"'.encode() not in content(metadata).to_pybytes():
        return repeated("", len(metadata))
    rows = rows_where(pc.match_substring(metadata, f'"{CHARGE}"')).tolist()
    texts = [""] * len(metadata)
    for row in rows:
        said = json.loads(metadata[row].as_py())
        if CHARGE not in said:
            continue
        if not taken:
            why = f"{CHARGE}: only a format says which rows are service charges"
            errors.note(row, "bad_metadata", why)
            continue
        try:
            parts(str(said[CHARGE]))
            texts[row] = said[CHARGE]
        except BadValue as error:
            errors.note(row, "missing_field", str(error))
    return pa.array(texts, pa.string())
