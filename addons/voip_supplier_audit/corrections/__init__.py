"""Our cost put right by what was accepted of a supplier's invoice, on the calls' day.

``book`` spreads what is accepted above or below ours over the calls of a line and adds
it to their summaries; the model is one such correction; ``invoice_correct`` makes it of
a decision and of a claim that is conceded.
"""

from . import voip_supplier_correction, invoice_correct, voip_check
