"""Program files: loaded, edited, started from a template, and described in plain words."""
