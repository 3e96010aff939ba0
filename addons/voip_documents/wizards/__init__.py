from . import (
    partner_merge,
    voip_document_wizard,
    voip_netting_agreement,
    voip_netting_link,
    voip_statement_wizard,
    voip_usage_wizard,
)
