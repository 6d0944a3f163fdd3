DROP TABLE replaced_keys;
DROP TABLE taken_names;
DROP TABLE erasures;
