-- A copy of the database takes no events that are meant for the original.
DELETE FROM voip_event_webhook_secret;
UPDATE voip_event_webhook SET active = false;
-- A copy charges nobody's card.
UPDATE voip_account SET auto_recharge = false;
