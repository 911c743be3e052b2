"""Program files: TOML to typed models, and the checks that need no data."""
