from . import (
    # Nettings are mailed: the outbox comes before all that leads to them.
    delivery,
    calls,
    context,
    controllers,
    models,
    making,
    netting,
    statements,
    wizards,
)
