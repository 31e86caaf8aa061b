"""The work behind import jobs, solution versions and batch jobs. Runs on the lifecycle's worker threads."""
