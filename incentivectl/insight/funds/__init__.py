"""How marketing funds stand."""
