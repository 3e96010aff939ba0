"""What is due to suppliers, day by day, and what of it is held."""

from . import voip_supplier_due
