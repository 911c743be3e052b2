"""What is kept of the exports that were read: the cache and the archive."""
