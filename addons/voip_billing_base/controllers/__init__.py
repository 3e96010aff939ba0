from . import event_webhook
