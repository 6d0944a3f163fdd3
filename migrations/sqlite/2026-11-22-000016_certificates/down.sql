DROP INDEX kudos_sent;
DROP TABLE certificates;
