#!/bin/sh
# Measures; ONLY="W1 W4" takes some of the works, LOA_BENCH_ENGINES=sqlite one database, LOA_BENCH_ROUNDS=3 fewer rounds.
set -eu
PYTHONPATH=tests exec .venv/bin/python -m bench
