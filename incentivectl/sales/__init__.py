"""The accepted lines as rules see them, and what is known of them as a whole."""
