"""What accrues, as it will be at the end of its measurement period."""
