from . import voip_check
