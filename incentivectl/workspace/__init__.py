"""`incentivectl.toml`: a workspace, its sources and its folders."""
