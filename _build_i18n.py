"""Compile the message catalogues before the package is built, so that a wheel speaks French."""

from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist


class BuildPy(build_py):
    """``build_py`` after ``compile_catalog``."""

    def run(self) -> None:
        """Compile, then build."""
        self.run_command("compile_catalog")
        super().run()


class Sdist(sdist):
    """``sdist`` after ``compile_catalog``."""

    def run(self) -> None:
        """Compile, then pack."""
        self.run_command("compile_catalog")
        super().run()
