"""What the data says beyond the money: deals, funds, and how the channel stands."""
