"""What people read of a training: the report and the model card."""
