DROP TABLE dataset_grant;
ALTER TABLE dataset DROP COLUMN restricted;
