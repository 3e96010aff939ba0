"""Accounts: terms, customer, payer, limit, estimated taxes, closing."""

from . import (
    voip_billing_terms,
    voip_billing_profile,
    voip_account,
    voip_account_change,
    voip_account_main,
    voip_account_closing,
    voip_account_credit,
    voip_postpaid_request,
    voip_account_contact,
    voip_account_right,
    voip_account_number,
    voip_account_tax,
    voip_account_tax_renewal,
    voip_tax_source,
)
