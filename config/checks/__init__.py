"""What no single value shows: rules of the service and of the workflow between several settings."""
