"""What changed between two runs: settings, data and results, from the files that their reports hold."""
