-- A copy of the database mails nothing.
UPDATE res_company SET voip_brevo_key = NULL, voip_webhook_digest = NULL;
UPDATE voip_delivery SET state = 'held' WHERE state IN ('waiting', 'sending');
