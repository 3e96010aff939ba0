from . import (
    voip_document_template,
    voip_document_template_column,
    voip_document_template_version,
    voip_document_template_choice,
    voip_document_template_preview,
    voip_document,
    voip_document_file,
    account_edi_ubl,
    account_move,
    ir_actions_report,
    voip_account,
    voip_check,
)
