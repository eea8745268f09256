"""Which source records are one customer, and under which id."""
