"""Tests of incentivectl."""
