"""Openings for candidates, each with its requirements and its pipeline of stages."""
