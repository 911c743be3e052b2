"""Properties that must hold for whole generated workspaces."""
