"""The tools of others that a bundle is made with: Node.js, and tensorflowjs."""
