"""What is told of runs: their figures as text, pictures and pages. Tasks that write pages share this room."""
