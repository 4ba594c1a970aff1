"""Load: many people at once over HTTP, through a pooler, against a database with a realistic amount of data."""
