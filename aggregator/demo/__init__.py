"""A sample newsroom of invented news, served on loopback."""
