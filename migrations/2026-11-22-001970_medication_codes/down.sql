ALTER TABLE medications
    DROP CONSTRAINT medications_atc_code_spelling,
    DROP COLUMN atc_code;
