"""From typed lines to those that count: versions, returns, rates."""
