"""What other rules would cost: scenarios, sweeps, differences."""
