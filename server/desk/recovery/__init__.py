"""Pages after a loss: rescue files, and what a restore did not bring back."""
