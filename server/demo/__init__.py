"""The demo: a province two thirds through its campaign, made through the services that phones and the desk use."""
