DROP TRIGGER contest_badges_no_truncate ON contest_badges;
DROP TRIGGER contest_badges_no_delete ON contest_badges;
DROP TRIGGER contest_badges_no_update ON contest_badges;
DROP TRIGGER contest_results_no_truncate ON contest_results;
DROP TRIGGER contest_results_no_delete ON contest_results;
DROP TRIGGER contest_results_no_update ON contest_results;
