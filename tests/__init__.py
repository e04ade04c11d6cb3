"""Tests, in folders that mirror the packages; what several of them need lies here."""
