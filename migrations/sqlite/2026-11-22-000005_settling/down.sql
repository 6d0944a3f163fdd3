DROP INDEX role_grants_person;

DROP INDEX signals_case;
CREATE INDEX signals_case ON signals (case_ref) WHERE case_ref IS NOT NULL;

DROP INDEX awards_badge;
DROP INDEX awards_subject;
CREATE INDEX awards_subject ON awards (subject, programme, season);
