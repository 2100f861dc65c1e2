-- The seal of a visit covers the visit and everything under it, as one text that is the same for the
-- same content. jsonb has one order, instants are in UTC, and nulls are left out: a column that a later
-- version adds leaves older seals intact as long as it is null in older rows. Where it is not, give the
-- text a new format.
--
-- The functions are PL/pgSQL, because a distributed Postgres cannot plan an SQL function with
-- parameters. A change replaces the whole file in a new folder.
CREATE FUNCTION visit_content(of_practice uuid, of_visit uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET timezone = 'UTC' SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_strip_nulls(jsonb_build_object(
        'format', 'tautband-visit-1',
        'visit', to_jsonb(v) - ARRAY['signed_at', 'signed_by', 'content_sha256', 'version', 'updated_at', 'is_open'],
        'trigger_points', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM trigger_points r
            WHERE r.practice_id = of_practice AND r.first_visit_id = of_visit),
        'palpations', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM palpations r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedures', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM procedures r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solutions', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM solutions r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_components', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM solution_components r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injections', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM injections r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'safety_overrides', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM safety_overrides r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_wastes', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM solution_wastes r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedure_observations', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM procedure_observations r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injection_drafts', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM injection_drafts r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit)
    ))::text
    FROM visits v WHERE v.practice_id = of_practice AND v.id = of_visit);
END $$;
COMMENT ON FUNCTION visit_content IS 'The canonical text of a visit and everything under it. The seal is its SHA-256; addenda come after the seal and are not in it.';

CREATE FUNCTION procedures_under_way(of_practice uuid, of_visit uuid) RETURNS TABLE (id uuid, status text)
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.id, p.status FROM procedures p
        WHERE p.practice_id = of_practice AND p.visit_id = of_visit AND p.status IN ('planned', 'in_progress')
        ORDER BY p.id;
END $$;
COMMENT ON FUNCTION procedures_under_way IS 'The procedures of a visit that are neither completed nor stopped; none of them may lie under a seal.';

-- The caller holds the lock on the visit. A row that is missed here makes the signature fail, because
-- its foreign key still says that the visit is open.
CREATE FUNCTION close_rows_under_visit(of_practice uuid, of_visit uuid) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trigger_points SET is_open = NULL WHERE practice_id = of_practice AND first_visit_id = of_visit AND is_open;
    UPDATE palpations SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE procedures SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE solutions SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE solution_components SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE injections SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE injection_drafts SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE solution_wastes SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE procedure_observations SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
    UPDATE safety_overrides SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
END $$;
COMMENT ON FUNCTION close_rows_under_visit IS 'Closes every row under a visit, as the first step of signing it.';
