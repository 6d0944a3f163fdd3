DROP TABLE visibility;
