"""Messages to candidates: written from facts of the record, edited and sent by a person, once."""
