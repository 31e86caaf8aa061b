"""What several tasks, and the workflows that call them, need in common. Standard library and boto3 only."""
