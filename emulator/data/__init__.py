"""Schemas, the import of CSV files, and imported datasets on disk."""
