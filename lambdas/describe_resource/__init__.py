"""Say where a Personalize resource is in its life: the one task behind every polling loop of the workflows."""
