from . import voip_statement_wizard
