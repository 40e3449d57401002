"""What stands before the app: the gate, the sign-in pages, and the start of the server."""
