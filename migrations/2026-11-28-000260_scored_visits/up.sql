-- Outcomes show the tenderness scores of ten years, and most visits have none: those are not read.
CREATE INDEX visits_scored_by_patient ON visits (practice_id, patient_id, started_at) WHERE tenderness_scores IS NOT NULL;
