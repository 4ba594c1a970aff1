"""The weekly logical export: taken, encrypted and kept under a lock; and proved by restoring it."""
