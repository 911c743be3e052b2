"""How each kind of program turns sale lines into entitlements, on shared parts."""
