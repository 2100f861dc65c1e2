ALTER TABLE appointments DROP COLUMN undoable_steps;
