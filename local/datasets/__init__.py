"""Data to run on: MovieLens in any of its layouts, or any CSVs with Personalize's column names."""

from local.datasets.dataset import Dataset, DatasetError
from local.datasets.loading import load_dataset

__all__ = ["Dataset", "DatasetError", "load_dataset"]
