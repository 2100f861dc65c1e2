DROP TABLE treatment_plan_versions;
DROP TABLE treatment_plans;
DROP TABLE assessments;
