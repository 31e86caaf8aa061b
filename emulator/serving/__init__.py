"""Answers to requests: the model, what users did since its training, filters and exploration, put together."""
