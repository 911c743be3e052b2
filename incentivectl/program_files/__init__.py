"""Program files: read into programs, edited, started, and told in plain words."""
