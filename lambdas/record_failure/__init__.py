"""Write down why a run failed: the one place through which every failure passes."""
