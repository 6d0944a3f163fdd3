DROP TRIGGER contest_badges_no_delete;
DROP TRIGGER contest_badges_no_update;
DROP TRIGGER contest_results_no_delete;
DROP TRIGGER contest_results_no_update;
