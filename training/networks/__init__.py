"""One file a family of networks: what lies between scaled pixels and the last features."""
