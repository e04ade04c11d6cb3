"""The model at work: what a released bundle is, and how it scores pictures."""
