"""Files made to get past the gate and the scanner, honest files that must pass, and what becomes of each of them."""
