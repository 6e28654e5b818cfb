"""The demo: a province two thirds through its campaign, made through the services that phones and the desk use.

The wheel leaves this folder out (pyproject.toml): only server/cli/demo.py may import it.
"""
