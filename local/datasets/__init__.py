"""Data to run on: MovieLens in any of its layouts, or any CSVs with Personalize's column names.

MovieLens has these columns, and the Avro fields that fit them; a scenario's schema names any of them, and the
files get those in the schema's order.

    dataset       column       Avro type            what it is
    interactions  USER_ID      string               as in the data, never a number
                  ITEM_ID      string
                  TIMESTAMP    long                 Unix seconds
                  EVENT_TYPE   string               always "rating"; only when it is asked for
                  EVENT_VALUE  float                the rating, from 0.5 or 1 to 5; only when it is asked for
    items         ITEM_ID      string
                  TITLE        ["null", "string"]   shown to people; neither categorical nor textual
                  GENRES       ["null", "string"],  joined by `|`; null for "(no genres listed)"
                               categorical
                  YEAR         ["null", "int"]      of release: of the data or in brackets at the title's end
    users         USER_ID      string
                  AGE          int                  years; in 1M the lowest year of the age group
                  GENDER       string, categorical  M or F
                  OCCUPATION   string, categorical  a word; in 1M the number of one

100K and 1M have all three datasets, 10M to 32M and latest have no users. In 100K every item has a genre.
"""

from local.datasets.dataset import Dataset, DatasetError
from local.datasets.loading import load_dataset

__all__ = ["Dataset", "DatasetError", "load_dataset"]
