"""All runs of all scenarios on one page, made from what lies in the reports bucket."""
