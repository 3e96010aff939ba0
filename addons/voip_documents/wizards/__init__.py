from . import voip_netting_agreement, voip_netting_link, voip_statement_wizard
