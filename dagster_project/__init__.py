"""One-company customer metrics: exports in, audited customer math out."""

__version__ = "0.1.0"
