from . import account_payment_register, partner_merge
from . import voip_supplier_upload, voip_supplier_upload_records
