"""What operators see in CloudWatch, for a developer and the stack of this machine: `make dashboard`."""
