"""From a dataset to a trained model with its metrics."""
