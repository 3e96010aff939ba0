"""What a supplier's quality costs or earns him.

``voip_supplier_quality`` is one agreed term, ``voip_supplier_proposal`` the money that
a month comes to by it, until somebody confirms it; ``figures`` sums our calls.
"""

from . import voip_supplier_quality, voip_supplier_proposal, voip_check
