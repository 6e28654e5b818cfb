"""Pages of confidential cases: for who has the right, with a fresh second factor, and for nobody else."""
