"""The pipeline of registered deals."""
