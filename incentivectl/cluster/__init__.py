"""A run spread over processes or machines: who does the work, and what goes there and comes back."""
