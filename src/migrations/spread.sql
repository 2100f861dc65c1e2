-- Spreads the tables over the nodes of a Citus cluster, parents before children. Those that are spread
-- already stay as they are. All of it is one transaction, so that no table is left behind half-way.
DO $$
DECLARE
    table_name text;
    -- Tables of practices lie beside each other: the rows of one practice are on one node.
    beside text;
BEGIN
    SET LOCAL citus.multi_shard_modify_mode TO 'sequential';
    SET LOCAL citus.enable_local_reference_table_foreign_keys TO off;
    PERFORM create_reference_table(t)
    FROM unnest(ARRAY['public.muscles', 'public.muscle_mappings']::regclass[]) AS t
    WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = t);
    LOOP
        SELECT t.name INTO table_name
        FROM (
            SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'practice_id'
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        ) t
        WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = t.oid)
          AND NOT EXISTS (SELECT FROM pg_constraint k
              WHERE k.conrelid = t.oid AND k.contype = 'f' AND k.confrelid <> t.oid
                AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = k.confrelid))
        ORDER BY t.name LIMIT 1;
        EXIT WHEN table_name IS NULL;
        SELECT p.logicalrelid::text INTO beside FROM pg_dist_partition p
        WHERE p.partmethod = 'h' ORDER BY p.logicalrelid LIMIT 1;
        PERFORM create_distributed_table(table_name, 'practice_id', colocate_with => coalesce(beside, 'none'));
    END LOOP;
    -- Functions of the search role connect to the other nodes as their owner.
    EXECUTE format('ALTER ROLE %I LOGIN', control.role_name('search'));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), control.role_name('search'));
END $$;
