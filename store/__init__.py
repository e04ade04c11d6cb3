"""Where the stages meet: rows, blobs, hashes, opinions, typed config, errors and the command group."""
