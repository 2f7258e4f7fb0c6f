-- What a sign-in began with, and the code that was sent for it: sealed, and gone with the sign-in.
ALTER TABLE sessions ADD COLUMN first TEXT NOT NULL DEFAULT 'password';
ALTER TABLE logins ADD COLUMN first TEXT NOT NULL DEFAULT 'password';
ALTER TABLE logins ADD COLUMN sent_method TEXT;
ALTER TABLE logins ADD COLUMN sent_to TEXT;
ALTER TABLE logins ADD COLUMN sent_sealed BLOB;
ALTER TABLE logins ADD COLUMN sent_at INTEGER;
ALTER TABLE logins ADD COLUMN sends INTEGER;
