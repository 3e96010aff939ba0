from . import (
    calls,
    context,
    controllers,
    models,
    delivery,
    netting,
    statements,
    wizards,
)
