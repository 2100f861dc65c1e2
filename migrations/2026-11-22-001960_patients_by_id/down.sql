DROP INDEX patients_by_id;
