"""What invoices call a charge of AI voice, in the language of who reads them."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
FEES = ("fee", "slots")
# The words of what a line's price is no usual one.
PARTICULARS = {
    "included": _lt("included"),
    "minimum": _lt("minimum of the session"),
    "not_charged": _lt("not charged"),
}


def label_of(env, said):
    """A kind of charge with the name of its model, provider or plan.

    :param said: facets of a usage summary: ``ai`` the kind, ``ai_of`` the name, "" of
        a call alone, ``ai_month`` of a plan's fees
    """
    kind, name = said["ai"], said["ai_of"]
    if kind == "fee":
        return f"{env._('%s, monthly fee', name)} {said['ai_month']}"
    if kind == "slots":
        return f"{env._('%s, further lines', name)} {said['ai_month']}"
    if kind == "minimum":
        return env._("Minimum per session")
    kinds = dict(env["voip.ai.charge"]._fields["kind"]._description_selection(env))
    return ", ".join(filter(None, (name, kinds.get(kind, kind))))
