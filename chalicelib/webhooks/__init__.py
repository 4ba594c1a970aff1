"""Telling other systems what happened: signed requests with ids, to addresses that an admin gave."""
