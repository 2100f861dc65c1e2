DROP INDEX injections_by_time;
CREATE FUNCTION control.session_holds(
    session uuid, at timestamptz, practice uuid, member uuid, member_role text, patients text)
RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1
        FROM control.sessions s
        JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
        JOIN control.users u ON u.id = s.user_id
        WHERE s.id = session AND s.practice_id = practice AND s.user_id = member
          AND s.revoked_at IS NULL AND s.expires_at > at
          AND m.role = member_role AND m.suspended_at IS NULL AND u.disabled_at IS NULL
          AND patients = CASE WHEN member_role <> 'patient' THEN '*' ELSE coalesce((
                SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
                FROM control.patient_links l
                WHERE l.practice_id = practice AND l.user_id = member
                  AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > at)), '') END);
END;
COMMENT ON FUNCTION control.session_holds IS 'Whether what an access token says still holds: asked by every transaction, so that sign-out and a changed role work on the very next request.';
DROP FUNCTION control.session_reach;
DROP TABLE control.activations;
DROP INDEX control.patient_links_by_patient;
ALTER TABLE control.patient_links DROP COLUMN revoked_by;
ALTER TABLE control.patient_links DROP COLUMN scope;
ALTER TABLE control.patient_links DROP COLUMN relationship;
ALTER TABLE control.patient_links DROP COLUMN id;
