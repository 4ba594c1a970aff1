"""One rating of one application: a verdict per requirement, each with quoted evidence."""
