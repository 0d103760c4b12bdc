"""Pages and endpoints of signing in, of one's own sessions and tokens, and of letting a command line in."""
