-- Whoever prescribes by code need not be guessed by name.
ALTER TABLE medications
    ADD COLUMN atc_code text,
    ADD CONSTRAINT medications_atc_code_spelling CHECK (atc_code ~ '^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$');
COMMENT ON COLUMN medications.atc_code IS 'The substance in the ATC classification, if it was coded.';
