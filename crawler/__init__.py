"""The sources and the crawl: candidates are fetched, checked, hashed and filed in the store."""
