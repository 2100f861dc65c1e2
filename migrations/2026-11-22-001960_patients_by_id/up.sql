-- Lists name a patient a row: a day board three hundred, a work list fifty. From a hash index a
-- patient is two pages, however many there are; through the tree of the primary key it is four at
-- a hundred thousand patients, and five at some millions.
CREATE INDEX patients_by_id ON patients USING hash (id);
