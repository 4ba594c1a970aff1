"""Whether an environment is fit for real people: what a machine can see of it, and what a person must answer."""
