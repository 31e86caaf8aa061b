"""Run every benchmark."""

from benchmarks import cold_start, split_evaluate_25m

cold_start.main()
print()
split_evaluate_25m.main()
