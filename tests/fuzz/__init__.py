"""What reads bytes that strangers choose, fed with bytes that nobody would choose."""
