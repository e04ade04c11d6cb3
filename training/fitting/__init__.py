"""From arrays to weights: heads, fine-tuning, teachers and students."""
