"""A candidate put forward for a position: its stage and history."""
