"""The folder that publications stand in, and the link that says which one readers get.

A publication is a folder with a `manifest.json` that says its name: drafts and folders on their way out have
hidden names, only a rename turns one into the other, and a copy that somebody made beside them counts for nothing.
The link is relative, so the whole shelf can be moved, and is replaced in one step.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.disk import sync
from dagster_project.errors import UserError

FORMAT = 1  # of manifest.json


@dataclass(frozen=True)
class Shelf:
    """`folder` holds the publications; `link` is the name, within it, of the link to the one to read."""

    folder: Path
    link: str = "current"

    def linked(self) -> Path | None:
        """The publication that readers get; null where there is none yet, or where it was deleted by hand."""
        target = (self.folder / self.link).resolve()
        return target if target.parent == self.folder.resolve() and is_complete(target) else None

    def publications(self) -> list[Path]:
        """All complete publications, by name."""
        if not self.folder.is_dir():
            return []
        return sorted(
            folder.resolve()
            for folder in self.folder.iterdir()
            if not folder.is_symlink() and not folder.name.startswith(".") and is_complete(folder)
        )

    def tidy(self) -> None:
        """Remove what a killed run left behind."""
        for pattern in (".draft-*", ".old-*", ".link-*"):
            for leftover in self.folder.glob(pattern):
                if leftover.is_dir() and not leftover.is_symlink():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink()

    def draft(self, name: str) -> Path:
        """A new, empty folder that only its owner can open, to write a publication in."""
        draft = self.folder / f".draft-{name}"
        draft.mkdir(parents=True, mode=0o700)
        return draft

    def place(self, draft: Path, name: str) -> Path:
        """Make a draft a publication: from this rename on it is one."""
        publication = self.folder / name
        self.discard(publication)
        draft.chmod(self.folder.stat().st_mode & 0o777)
        os.rename(draft, publication)
        sync(self.folder)
        return publication.resolve()

    def point_to(self, publication: Path) -> None:
        """Give readers this publication, in one step."""
        link = self.folder / f".link-{self.link}"
        link.unlink(missing_ok=True)
        link.symlink_to(publication.name)
        os.replace(link, self.folder / self.link)
        sync(self.folder)

    def discard(self, publication: Path) -> None:
        """Remove a publication, if it is there: out of sight first, so that half of one is never found."""
        if publication.exists():
            hidden = self.folder / f".old-{publication.name}"
            os.rename(publication, hidden)
            shutil.rmtree(hidden)


def is_complete(folder: Path) -> bool:
    """Whether the folder is a publication, and the very one that its manifest tells of. Raises UserError where it is,
    and another version of the project wrote it."""
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("publication_id") == folder.name and bool(manifest_of(folder))


def manifest_of(publication: Path) -> dict[str, Any]:
    """What a publication says of itself. Raises UserError where another version of the project wrote it."""
    file = publication / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise UserError(
            f"{file} has format {manifest['format']}, and this version of the project knows format {FORMAT} only: "
            "run the version that wrote it, or move that folder away."
        )
    return manifest
