DROP TABLE treatment_plan_versions;
DROP TABLE treatment_plans;
DROP TABLE assessments;
DROP TABLE diary_entries;
DROP TABLE follow_up_attempts;
DROP TABLE follow_ups;
DROP TABLE follow_up_protocols;
