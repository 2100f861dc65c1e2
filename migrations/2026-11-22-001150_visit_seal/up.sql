-- What a seal is over: the visit and everything under it as one text, the same for the same content.
-- jsonb is written in one order, instants in UTC, and nulls are left out, so that a column which a
-- later version adds leaves the seals of before as they were. A column added with anything but null
-- in the rows of the past would break them: give the text a new version then.
CREATE FUNCTION visit_content(of_practice uuid, of_visit uuid) RETURNS text
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
COMMENT ON FUNCTION visit_content IS 'The canonical text of a visit and everything under it, which its seal is a SHA-256 over; addenda come after the seal and are not in it.';

-- Every child is found by its visit.
CREATE INDEX solutions_by_visit ON solutions (practice_id, visit_id, id);
CREATE INDEX solution_components_by_visit ON solution_components (practice_id, visit_id, id);
CREATE INDEX injections_by_visit ON injections (practice_id, visit_id, id);
CREATE INDEX safety_overrides_by_visit ON safety_overrides (practice_id, visit_id, id);
CREATE INDEX trigger_points_by_first_visit ON trigger_points (practice_id, first_visit_id, id);

-- A patient reads what is under a visit once it is signed: the visit itself is hidden until then.
CREATE POLICY procedures_signed_for_patients ON procedures AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = procedures.practice_id AND v.id = procedures.visit_id));
CREATE POLICY solutions_signed_for_patients ON solutions AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = solutions.practice_id AND v.id = solutions.visit_id));
CREATE POLICY solution_components_signed_for_patients ON solution_components AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = solution_components.practice_id AND v.id = solution_components.visit_id));
CREATE POLICY injections_signed_for_patients ON injections AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = injections.practice_id AND v.id = injections.visit_id));
CREATE POLICY safety_overrides_signed_for_patients ON safety_overrides AS RESTRICTIVE FOR SELECT TO tautband_app
    USING (current_setting('app.patient_ids', true) = '*' OR EXISTS (
        SELECT 1 FROM visits v WHERE v.practice_id = safety_overrides.practice_id AND v.id = safety_overrides.visit_id));
