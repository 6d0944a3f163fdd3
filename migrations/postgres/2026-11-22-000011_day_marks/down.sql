DROP TABLE day_marks;
