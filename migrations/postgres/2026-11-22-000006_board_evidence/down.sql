DROP INDEX kudos_changed;
DROP INDEX kudos_counted;
