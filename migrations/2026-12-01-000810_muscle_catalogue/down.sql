DELETE FROM muscles WHERE added_by_practice_id IS NULL;
