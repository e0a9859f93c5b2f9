-- Triggers and indexes go with their tables.
DROP TABLE draft_edit;
DROP TABLE import_job;
DROP TABLE token;
DROP FUNCTION refuse_token_change();
