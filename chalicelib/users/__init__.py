"""The people of an organization: who they are, what they may do, how they come in, and how they get back in."""
