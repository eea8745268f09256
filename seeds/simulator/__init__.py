"""A synthetic company: what happened to each customer, and the exports and the truth that follow from it."""
