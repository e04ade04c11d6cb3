"""A bundle in headless Chromium, as a reader's browser runs it: what it says, and what it costs."""
