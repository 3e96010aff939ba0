-- A copy of the database takes no files from where the original does.
UPDATE voip_intake_folder SET active = false;
