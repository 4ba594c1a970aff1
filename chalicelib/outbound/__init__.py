"""Requests to addresses that a user gave: to what is public, or named by the operator, and to nothing else."""
