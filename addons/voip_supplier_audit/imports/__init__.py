"""Lines of an invoice from a sheet: ``sheet`` reads it, maps remember its columns."""

from . import voip_supplier_map
