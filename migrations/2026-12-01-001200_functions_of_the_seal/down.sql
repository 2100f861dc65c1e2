DROP FUNCTION close_rows_under_visit;
DROP FUNCTION procedures_under_way;
DROP FUNCTION visit_content;
