DROP TABLE kudos_moderations;
DROP TABLE kudos_reports;
DROP TABLE kudos_replies;
DROP TABLE kudos_reactions;
ALTER TABLE kudos DROP COLUMN hidden;
ALTER TABLE kudos DROP COLUMN value_name;
