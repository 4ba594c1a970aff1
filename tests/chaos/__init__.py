"""Background work under fire: thousands of jobs, a thousand faults from a seed, and an account of every one of them."""
