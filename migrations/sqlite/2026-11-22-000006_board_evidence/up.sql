-- What boards of kudos count and follow kudos by.

CREATE INDEX kudos_counted ON kudos (visibility, state, sent_at);
CREATE INDEX kudos_changed ON kudos (visibility, revision);
