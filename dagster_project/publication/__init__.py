"""Publication: a built warehouse becomes something readers can trust, whole or not at all.

`publish` writes a draft aside, audits it, and lets readers have it by one rename; `roll_back` gives them
an earlier one. Every function is plain: paths and values in, files out.
"""

from dagster_project.publication.audit import AuditFailed
from dagster_project.publication.edition import Edition, fingerprint
from dagster_project.publication.publishing import (
    Publication,
    nothing_new,
    publish,
    recover,
    roll_back,
    shelf_of,
    view_of,
)

__all__ = [
    "AuditFailed",
    "Edition",
    "Publication",
    "fingerprint",
    "nothing_new",
    "publish",
    "recover",
    "roll_back",
    "shelf_of",
    "view_of",
]
