DROP INDEX visits_scored_by_patient;
