DROP TABLE contest_badges;
DROP TABLE contest_results;
DROP TABLE contest_disqualifications;
