"""One run as a whole: what it loads, computes, and draws attention to."""
