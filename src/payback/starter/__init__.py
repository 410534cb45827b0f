"""What is here to begin with: a folder looked at, and a first payback.toml for it. Behind `payback init`."""

from payback.starter.draft import Draft, Drafted, draft
from payback.starter.folder import Seen, look
from payback.starter.templates import NAMES, sample_files, templates

__all__ = ["NAMES", "Draft", "Drafted", "Seen", "draft", "look", "sample_files", "templates"]
