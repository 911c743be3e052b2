"""Ranks, movement and badges."""
