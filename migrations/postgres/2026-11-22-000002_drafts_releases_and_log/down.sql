-- Children first, because the foreign keys hold. Triggers and indexes go with their tables.
DROP TABLE head;
DROP TABLE event;
DROP TABLE release_artefact;
DROP TABLE release;
DROP TABLE fact;
DROP TABLE log_identity;
DROP TABLE approval;
DROP TABLE draft;
DROP TABLE import_run;
DROP TABLE dataset;
DROP FUNCTION refuse_smaller_head();
DROP FUNCTION refuse_change();
