"""What a payee is sent."""
