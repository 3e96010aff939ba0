from . import voip_audit
