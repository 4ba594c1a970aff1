"""Health checks and what keeps the system running."""
