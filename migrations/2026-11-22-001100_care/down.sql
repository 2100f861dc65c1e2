DROP TABLE diary_entries;
DROP TABLE follow_ups;
DROP TABLE follow_up_protocols;
