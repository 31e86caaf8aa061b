"""Check and describe the raw interactions; cut them into a past to train on and a future to judge by."""
