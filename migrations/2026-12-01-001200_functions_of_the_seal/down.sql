DROP FUNCTION close_rows_under_visit;
DROP FUNCTION visit_content;
