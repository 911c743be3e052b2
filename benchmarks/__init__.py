"""The same work done by others, timed side by side: `python -m benchmarks`."""
