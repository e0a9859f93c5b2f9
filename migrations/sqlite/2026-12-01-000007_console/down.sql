DROP TABLE draft_comment;
DROP TABLE session;
