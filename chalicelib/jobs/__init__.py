"""Background jobs: a row written with the caller's own data, a message that only names it, and one way to run it."""
