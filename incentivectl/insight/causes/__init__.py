"""Why money changed between two states of a workspace: one input after the other as it is now."""
