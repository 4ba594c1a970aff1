"""What an organization's recruiting comes to: figures, each with how many it rests on."""
