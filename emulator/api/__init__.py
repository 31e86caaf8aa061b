"""The wire: three services, two protocols, one dispatcher over botocore's service models."""
