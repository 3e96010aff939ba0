-- A copy of the database asks no provider.
DELETE FROM voip_ai_provider_key;
UPDATE voip_ai_provider_import SET active = false;
