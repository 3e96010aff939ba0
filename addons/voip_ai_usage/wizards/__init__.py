from . import voip_ai_session_upload
