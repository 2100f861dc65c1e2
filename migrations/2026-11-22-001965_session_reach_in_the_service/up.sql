-- Postgres plans the body of an SQL function anew at each call, which took longer than all else a
-- request for one record asks: the service sends the statement itself, planned once a connection.
DROP FUNCTION control.session_reach;
