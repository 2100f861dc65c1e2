-- Back to the text of before; visits signed with the new rows lose their seal with them.
CREATE OR REPLACE FUNCTION visit_content(of_practice uuid, of_visit uuid) RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER
SET timezone = 'UTC' SET search_path = public, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'format', 'tautband-visit-1',
        'visit', to_jsonb(v) - ARRAY['signed_at', 'signed_by', 'content_sha256', 'version', 'updated_at'],
        'trigger_points', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM trigger_points r
            WHERE r.practice_id = of_practice AND r.first_visit_id = of_visit),
        'palpations', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM palpations r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedures', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM procedures r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solutions', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM solutions r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_components', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM solution_components r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injections', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM injections r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'safety_overrides', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM safety_overrides r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit)
    ))::text
    FROM visits v WHERE v.practice_id = of_practice AND v.id = of_visit
$$;

DROP TABLE adverse_event_entries;
DROP TABLE adverse_events;
DROP TABLE rule_sets;
DROP TABLE injection_drafts;
ALTER TABLE injections DROP COLUMN site_findings;
ALTER TABLE injections DROP COLUMN caution_acknowledged;
DROP TABLE procedure_observations;
ALTER TABLE procedures DROP COLUMN early_discharge_reason;
ALTER TABLE procedures DROP COLUMN discharge_note;
ALTER TABLE procedures DROP COLUMN aftercare_given;
ALTER TABLE procedures DROP COLUMN discharged_by;
ALTER TABLE procedures DROP COLUMN discharged_at;
ALTER TABLE procedures DROP COLUMN guidance;
ALTER TABLE procedures DROP COLUMN skin_preparation;
ALTER TABLE procedures DROP COLUMN patient_position;
ALTER TABLE procedures DROP COLUMN checklist_at;
ALTER TABLE procedures DROP COLUMN checklist_by;
ALTER TABLE procedures DROP COLUMN checklist;
UPDATE stock_movements SET cause = 'drawn' WHERE cause = 'wasted';
ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_cause_known;
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_cause_known CHECK (cause IN ('received', 'drawn', 'adjusted'));
DROP TABLE solution_wastes;
ALTER TABLE solutions DROP COLUMN beyond_use_at;
ALTER TABLE solution_components DROP COLUMN vial_id;
DROP TABLE vials;
