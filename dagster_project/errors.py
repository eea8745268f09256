"""Errors that a person can act on."""


class UserError(Exception):
    """Something a user can put right. Its text is one sentence or two: what, where, what to do.

    The command line prints the text alone; anything that is not a UserError is a defect of ours.
    """
