"""Sample position descriptions and a project brief, as the files that clients send."""
