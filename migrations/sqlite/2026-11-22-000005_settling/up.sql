-- What settling looks awards, evidence and roles up by.

DROP INDEX awards_subject;
CREATE INDEX awards_subject ON awards (subject, programme, season, at);
CREATE INDEX awards_badge ON awards (subject, programme, season, badge, at) WHERE badge IS NOT NULL;

DROP INDEX signals_case;
CREATE INDEX signals_case ON signals (case_ref, agent) WHERE case_ref IS NOT NULL;

CREATE INDEX role_grants_person ON role_grants (person);
