"""What we remember: tables, engine and the verbs' transactions."""
