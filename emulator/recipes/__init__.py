"""Recommenders behind one contract, and the catalogue of the service's recipes that use them."""
