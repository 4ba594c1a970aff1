"""Many candidates from one file, each row accepted or refused by name."""
