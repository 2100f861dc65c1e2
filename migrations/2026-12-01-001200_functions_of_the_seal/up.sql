-- The seal of a visit covers the visit and everything under it, as one text that is the same for the
-- same content. jsonb has one order, instants are in UTC, and nulls are left out: a column that a later
-- version adds leaves older seals intact as long as it is null in older rows. Where it is not, give the
-- text a new format.
--
-- The functions are PL/pgSQL, because a distributed Postgres cannot plan an SQL function with
-- parameters. A change replaces the whole file in a new folder.
CREATE FUNCTION visit_content(of_practice uuid, of_visit uuid, signer uuid, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET timezone = 'UTC' SET search_path = public, pg_temp AS $$
DECLARE
    -- The retraction comes after the seal, so its marks are no part of what was signed.
    retracted timestamptz := (SELECT v.retracted_at FROM visits v WHERE v.practice_id = of_practice AND v.id = of_visit);
    marks CONSTANT text[] := ARRAY['voided_at', 'voided_by', 'void_reason'];
BEGIN
    RETURN (SELECT jsonb_strip_nulls(jsonb_build_object(
        'format', 'tautband-visit-2',
        'signature', jsonb_build_object('signed_by', signer, 'signed_at', at),
        'visit', to_jsonb(v) - ARRAY['signed_at', 'signed_by', 'content_sha256', 'version', 'updated_at', 'is_open',
            'changes_at_version', 'retracted_at', 'retracted_by', 'retraction_reason', 'belongs_to_patient_id', 'retraction_sha256',
            'content_format', 'content_signature', 'retraction_signature'],
        'hand_overs', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM visit_hand_overs r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'trigger_points', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM trigger_points r
            WHERE r.practice_id = of_practice AND r.first_visit_id = of_visit),
        'palpations', (SELECT jsonb_agg(CASE WHEN r.voided_at = retracted THEN to_jsonb(r) - 'is_open' - marks ELSE to_jsonb(r) - 'is_open' END ORDER BY r.id)
            FROM palpations r WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'procedures', (SELECT jsonb_agg(CASE WHEN r.voided_at = retracted THEN to_jsonb(r) - 'is_open' - marks ELSE to_jsonb(r) - 'is_open' END ORDER BY r.id)
            FROM procedures r WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solutions', (SELECT jsonb_agg(CASE WHEN r.voided_at = retracted THEN to_jsonb(r) - 'is_open' - marks ELSE to_jsonb(r) - 'is_open' END ORDER BY r.id)
            FROM solutions r WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'solution_components', (SELECT jsonb_agg(to_jsonb(r) - 'is_open' ORDER BY r.id) FROM solution_components r
            WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
        'injections', (SELECT jsonb_agg(CASE WHEN r.voided_at = retracted THEN to_jsonb(r) - 'is_open' - marks ELSE to_jsonb(r) - 'is_open' END ORDER BY r.id)
            FROM injections r WHERE r.practice_id = of_practice AND r.visit_id = of_visit),
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
COMMENT ON FUNCTION visit_content IS 'The canonical text of a visit, everything under it, and who signs it when. The seal is its SHA-256; addenda and a retraction come after the seal and are not in it.';

-- What the version of a visit counts beside its own changes: those of everything under it, so that whoever
-- signs has read what they sign.
CREATE FUNCTION changes_under_visits(of_practice uuid, of_visits uuid[]) RETURNS TABLE (visit_id uuid, changes bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT changed.visit_id, sum(changed.version)::bigint FROM (
        SELECT r.visit_id, r.version FROM palpations r WHERE r.practice_id = of_practice AND r.visit_id = ANY (of_visits)
        UNION ALL
        SELECT r.visit_id, r.version FROM procedures r WHERE r.practice_id = of_practice AND r.visit_id = ANY (of_visits)) AS changed
        GROUP BY changed.visit_id;
END $$;
COMMENT ON FUNCTION changes_under_visits IS 'How often something under these visits was recorded or changed; visits with nothing under them are left out.';

CREATE FUNCTION procedures_under_way(of_practice uuid, of_visit uuid) RETURNS TABLE (id uuid, status text)
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.id, p.status FROM procedures p
        WHERE p.practice_id = of_practice AND p.visit_id = of_visit AND p.status IN ('planned', 'in_progress') AND p.voided_at IS NULL
        ORDER BY p.id;
END $$;
COMMENT ON FUNCTION procedures_under_way IS 'The procedures of a visit that are neither completed nor stopped; none of them may lie under a seal.';

-- The caller holds the lock on the visit. A row that is missed here makes the signature fail, because
-- its foreign key still says that the visit is open.
CREATE FUNCTION close_rows_under_visit(of_practice uuid, of_visit uuid) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE visit_hand_overs SET is_open = NULL WHERE practice_id = of_practice AND visit_id = of_visit AND is_open;
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
COMMENT ON FUNCTION close_rows_under_visit IS 'Closes every row under a visit, as the first step of signing or discarding it.';

CREATE FUNCTION visit_has_content(of_practice uuid, of_visit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM palpations r WHERE r.practice_id = of_practice AND r.visit_id = of_visit AND r.voided_at IS NULL)
        OR EXISTS (SELECT FROM procedures r WHERE r.practice_id = of_practice AND r.visit_id = of_visit AND r.voided_at IS NULL);
END $$;
COMMENT ON FUNCTION visit_has_content IS 'Whether something lies under a visit that was not entered in error.';

-- The service cannot change a row under a seal. This function runs as a role that can set the marks and
-- nothing else, and obeys the policies of the practice like its caller.
CREATE FUNCTION retract_visit(of_practice uuid, of_visit uuid, by_user uuid, at timestamptz, why text, real_patient uuid, seal bytea, signature bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE visits SET retracted_at = at, retracted_by = by_user, retraction_reason = why, belongs_to_patient_id = real_patient, retraction_sha256 = seal,
        retraction_signature = signature
        WHERE practice_id = of_practice AND id = of_visit AND signed_at IS NOT NULL AND retracted_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE palpations SET voided_at = at, voided_by = by_user, void_reason = why WHERE practice_id = of_practice AND visit_id = of_visit AND voided_at IS NULL;
    UPDATE procedures SET voided_at = at, voided_by = by_user, void_reason = why WHERE practice_id = of_practice AND visit_id = of_visit AND voided_at IS NULL;
    UPDATE solutions SET voided_at = at, voided_by = by_user, void_reason = why WHERE practice_id = of_practice AND visit_id = of_visit AND voided_at IS NULL;
    UPDATE injections SET voided_at = at, voided_by = by_user, void_reason = why WHERE practice_id = of_practice AND visit_id = of_visit AND voided_at IS NULL;
    RETURN true;
END $$;
COMMENT ON FUNCTION retract_visit IS 'Marks a signed visit and everything under it as entered in error; false when it is not signed, or retracted before.';
CALL control.hand_to('retract', 'retract_visit');
