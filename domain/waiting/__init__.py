"""The queues of the service: since when each has waited, and what stands beside a thing in its queue."""
