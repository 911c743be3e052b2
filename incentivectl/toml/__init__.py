"""TOML with positions, checked values, and problems in our own words."""
