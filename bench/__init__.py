"""How fast the software is beside DuckDB alone, on simulated companies: python -m bench."""
