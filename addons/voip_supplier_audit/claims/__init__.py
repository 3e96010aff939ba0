"""Money that is claimed from suppliers, from the dispute to the credit note."""

from . import voip_supplier_claim, claim_split, invoice_claim
