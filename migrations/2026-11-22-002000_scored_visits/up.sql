-- Outcomes want the few visits at which tenderness was scored: without this, every visit of the patient is read to find them.
CREATE INDEX visits_scored_by_patient ON visits (practice_id, patient_id, started_at) WHERE tenderness_scores IS NOT NULL;
