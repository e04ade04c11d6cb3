"""From a network to a bundle that three runtimes agree on."""
