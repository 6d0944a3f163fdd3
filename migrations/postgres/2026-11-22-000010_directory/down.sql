DROP INDEX role_grants_until;
DROP INDEX role_grants_from;
DROP INDEX memberships_until;
DROP INDEX memberships_from;
