"""Bring the page of all runs up to date."""
