"""From stored pictures to arrays: decoded, embedded, composed, seen in random views."""
