"""The restore drill: a database is lost on purpose, brought back from its base backup and its WAL, and compared."""
