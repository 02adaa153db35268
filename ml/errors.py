"""MLError › BadInput, BadBundle, BadDataset. Imports nothing."""


class MLError(Exception):
    """Something named went wrong: `slug` for programs, `detail` for people."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.detail = detail


class BadInput(MLError):
    """What a person sent cannot be recognised: too-large, unsupported-image, undecodable-image."""


class BadBundle(MLError):
    """A model folder is incomplete, altered, or not what its card says."""


class BadDataset(MLError):
    """A dataset manifest or one of its files is not what it should be."""
