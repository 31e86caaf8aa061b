"""Delete resources of Personalize: the task that a state machine repeats until nothing is there."""
