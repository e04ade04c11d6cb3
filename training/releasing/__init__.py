"""Which network ships: compared in the browser, released through the gate."""
