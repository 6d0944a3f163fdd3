DROP INDEX transfers_season;
ALTER TABLE programme_versions DROP COLUMN changed_by;
ALTER TABLE programmes DROP COLUMN last_day;
DROP TABLE absences;
