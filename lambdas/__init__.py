"""The tasks that the state machines call: one folder per function, `shared` for what several need."""
