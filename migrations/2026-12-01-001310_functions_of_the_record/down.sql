DROP FUNCTION patient_record;
