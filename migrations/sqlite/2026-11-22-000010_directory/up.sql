-- When time alone moves people: the next instant at which a membership or a role begins or ends, and whose.
CREATE INDEX memberships_from ON memberships (from_at);
CREATE INDEX memberships_until ON memberships (until_at) WHERE until_at IS NOT NULL;
CREATE INDEX role_grants_from ON role_grants (from_at) WHERE from_at IS NOT NULL;
CREATE INDEX role_grants_until ON role_grants (until_at) WHERE until_at IS NOT NULL;
