-- Triggers and indexes go with their tables.
DROP TABLE draft_comment;
DROP TABLE session;
DROP FUNCTION refuse_session_change();
