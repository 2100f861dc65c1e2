CREATE FUNCTION control.session_reach(
    session uuid, at timestamptz, practice uuid, member uuid, member_role text, patients text, whole_record boolean)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN member_role <> 'patient' THEN '*' ELSE coalesce((
        SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
        FROM control.patient_links l
        WHERE l.practice_id = practice AND l.user_id = member
          AND l.patient_id = ANY (string_to_array(patients, ',')::uuid[])
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > at)
          AND (l.scope = 'record' OR NOT whole_record)), '') END
    FROM control.sessions s
    JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
    JOIN control.users u ON u.id = s.user_id
    WHERE s.id = session AND s.practice_id = practice AND s.user_id = member
      AND s.revoked_at IS NULL AND s.expires_at > at
      AND m.role = member_role AND m.suspended_at IS NULL AND u.disabled_at IS NULL;
END;
COMMENT ON FUNCTION control.session_reach IS 'What of the patients an access token names is still within reach, * for staff; null where the session does not hold. Asked by every transaction, so that sign-out, a changed role and an ended link work on the very next request.';
