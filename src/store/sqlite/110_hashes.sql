-- The mark of the hash whose place the present one took, of the same password.
ALTER TABLE residents ADD COLUMN carried BLOB;
