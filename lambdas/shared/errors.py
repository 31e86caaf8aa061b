"""Errors that end a run. Step Functions sees the class name as the error and the message as the cause."""

from __future__ import annotations


class TaskError(Exception):
    """Base of every error a task raises on purpose: its message tells the reader what to do next."""


class RequestError(TaskError):
    """The input of a task is not what the state machine must send."""


class DataError(TaskError):
    """The customer's data cannot be used: names the file, the row or column, what is wrong and what to do."""


class ResourceConflictError(TaskError):
    """A resource of the service exists under this name but differs from what the settings ask for."""


class ServiceNotReadyError(TaskError):
    """The service asked to come back later (throttling, a quota of pending jobs): Step Functions retries it."""
