"""What can be done, one verb each; they take a transaction or session and plain data."""
