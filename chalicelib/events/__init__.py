"""The append-only activity of an organization: who did what, before and after, chained by hash."""
