"""From text cells to typed, checked rows."""
