"""Create a Personalize resource unless it exists: the one task behind every create step of the workflows."""
