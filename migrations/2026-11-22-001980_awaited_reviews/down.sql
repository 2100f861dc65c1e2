ALTER TABLE patients DROP COLUMN awaited_reviews;
