"""Run every benchmark."""

from benchmarks import cold_start, report_pages, scenario_times, split_evaluate_25m

scenario_times.main()
print()
cold_start.main()
print()
split_evaluate_25m.main()
print()
report_pages.main()
