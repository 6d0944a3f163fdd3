-- What became of a contest is not changed once it is finalised.

CREATE TRIGGER contest_results_no_update BEFORE UPDATE ON contest_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contest_results_no_delete BEFORE DELETE ON contest_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contest_results_no_truncate BEFORE TRUNCATE ON contest_results EXECUTE FUNCTION refuse_change();

CREATE TRIGGER contest_badges_no_update BEFORE UPDATE ON contest_badges FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contest_badges_no_delete BEFORE DELETE ON contest_badges FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contest_badges_no_truncate BEFORE TRUNCATE ON contest_badges EXECUTE FUNCTION refuse_change();
