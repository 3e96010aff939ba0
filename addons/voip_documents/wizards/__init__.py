from . import voip_document_wizard, voip_statement_wizard, voip_usage_wizard
