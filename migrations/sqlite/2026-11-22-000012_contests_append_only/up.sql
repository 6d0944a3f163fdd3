-- What became of a contest is not changed once it is finalised.

CREATE TRIGGER contest_results_no_update BEFORE UPDATE ON contest_results
BEGIN
    SELECT RAISE(ABORT, 'contest_results is append-only');
END;

CREATE TRIGGER contest_results_no_delete BEFORE DELETE ON contest_results
BEGIN
    SELECT RAISE(ABORT, 'contest_results is append-only');
END;

CREATE TRIGGER contest_badges_no_update BEFORE UPDATE ON contest_badges
BEGIN
    SELECT RAISE(ABORT, 'contest_badges is append-only');
END;

CREATE TRIGGER contest_badges_no_delete BEFORE DELETE ON contest_badges
BEGIN
    SELECT RAISE(ABORT, 'contest_badges is append-only');
END;
