"""What comes in: bytes from the network become entries and articles."""
