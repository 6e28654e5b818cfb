"""Pages after a loss: rescue files, what a restore did not bring back."""
