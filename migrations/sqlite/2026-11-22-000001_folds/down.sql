DROP TABLE frozen_boards;
DROP TABLE season_statements;
DROP TABLE seasons;
DROP TABLE due;
DROP TABLE team_sums;
DROP TABLE fold_days;
ALTER TABLE programmes DROP COLUMN as_of;
