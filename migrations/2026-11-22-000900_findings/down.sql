DROP TABLE palpations;
DROP TABLE trigger_points;
