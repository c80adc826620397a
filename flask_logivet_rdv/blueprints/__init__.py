"""The four faces of the package."""
