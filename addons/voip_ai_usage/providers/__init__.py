"""Usage of AI sessions pulled from the providers that know it.

ask (:mod:`.pull`) → keep as it was told (:mod:`.store`) → read (:mod:`.engine`) →
hand over as sessions (:mod:`.voip_ai_provider_record`). An import does it page by
page (:mod:`.voip_ai_provider_import_fetch`).
"""

from . import (
    voip_ai_provider_account,
    voip_ai_provider_import,
    voip_ai_provider_import_fetch,
    voip_ai_provider_day,
    voip_ai_provider_record,
    voip_audit,
    voip_check,
)
