DROP TABLE muscle_mappings;
ALTER TABLE visits DROP CONSTRAINT visits_tenderness_scores_whole;
ALTER TABLE visits DROP COLUMN tenderness_scores;
ALTER TABLE palpations DROP CONSTRAINT palpations_patient_position_known;
ALTER TABLE palpations DROP COLUMN examined_by;
ALTER TABLE palpations DROP COLUMN patient_position;
