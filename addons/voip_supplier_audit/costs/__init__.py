"""What suppliers cost us by our own records, and which line of an invoice it is on.

``kept`` sums rated usage once by supplier, rate and quarter of an hour; ``match`` puts
such cells beside lines; ``repeated`` finds small differences that come again;
``billed`` leaves out what other invoices have, which ``invoice_others`` looks for;
``invoice_currency`` says where our cost is in another currency, ``invoice_wider`` where
it may be that of a wider code;
``invoice_reconcile`` is the button and the machine door.
"""

from . import (
    voip_supplier_cost,
    invoice_reconcile,
    invoice_others,
    invoice_currency,
    invoice_wider,
)
