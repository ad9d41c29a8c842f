"""What goes out: feeds, files."""
