"""What invoices call rental, in the language of who reads them."""

# Facets of a usage summary: which fee, kind of number, code of its country.
KEYS = ("fee", "number_kind", "country")


def label_of(env, said):
    """Fee, country and kind in the language of ``env``.

    :param said: {name: value} of ``KEYS``, "" where a number has none
    """
    fees = dict(env["voip.did.price"]._fields["fee"]._description_selection(env))
    kinds = dict(env["voip.did"]._fields["kind"]._description_selection(env))
    fee, kind, code = (said[name] for name in KEYS)
    country = env["res.country"]
    if code:
        country = country.search([("code", "=", code)], limit=1)
    words = (fees.get(fee, fee), country.name or code, kinds.get(kind, kind))
    return ", ".join(filter(None, words))
