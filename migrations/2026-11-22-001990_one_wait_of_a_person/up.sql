-- Who waited several times for one thing was offered a time again that they had just declined, and
-- a second time after they had booked the first one. One wait is kept of each: the one with an
-- offer to answer, or else the one whose turn comes first. The owner of the tables is under their
-- policies too, which know of no practice here.
ALTER TABLE waitlist_entries NO FORCE ROW LEVEL SECURITY;
UPDATE waitlist_entries e SET status = 'withdrawn', version = e.version + 1, updated_at = now()
WHERE e.status = 'waiting' AND EXISTS (
    SELECT 1 FROM waitlist_entries o
    WHERE o.practice_id = e.practice_id AND o.patient_id = e.patient_id
        AND o.appointment_type_id = e.appointment_type_id AND o.id <> e.id
        AND (o.status = 'offered'
            OR (o.status = 'waiting' AND (o.priority, o.created_at, o.id) < (e.priority, e.created_at, e.id))));
ALTER TABLE waitlist_entries FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX waitlist_entries_one_live_of_type ON waitlist_entries (practice_id, patient_id, appointment_type_id) WHERE status IN ('waiting', 'offered');
-- Who was offered a time, under whatever entry, for it to go to somebody else.
CREATE INDEX waitlist_offers_by_provider_time ON waitlist_offers (practice_id, provider_id, starts_at);
