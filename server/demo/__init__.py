"""The demo: a province two thirds through its campaign, told through the same services that phones and the desk use."""
