"""The daily run: files of suppliers are taken, invoices reconciled, staff is told.

``names`` says what a file is, the model keeps each file once, ``agreement_folder``
looks into a supplier's folder, ``agreement_mail`` gives him an address and
``file_mail`` keeps what is sent there, ``invoice_daily`` reconciles, flags and mails.
"""

from . import (
    voip_supplier_file,
    agreement_folder,
    file_mail,
    agreement_mail,
    invoice_daily,
)
