"""Programs x sales -> earnings: the engine, what must always hold, and examples."""
