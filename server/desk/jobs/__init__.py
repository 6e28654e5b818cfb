"""The list of jobs that the server does outside requests."""
