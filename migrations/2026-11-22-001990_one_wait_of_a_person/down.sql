-- Waits that were ended stay so: which ones they were is not kept.
DROP INDEX waitlist_offers_by_provider_time;
DROP INDEX waitlist_entries_one_live_of_type;
