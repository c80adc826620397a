"""The host's classes for the controls of the account pages, where its framework styles them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

OURS = "rdv-own"
"""Marks a control that our own style sheet draws; it steps back where the host has classes."""

_CLASSES = re.compile(r"[A-Za-z_-][\w:/.-]*(?: [A-Za-z_-][\w:/.-]*)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ui:
    """Classes by kind of control, beside the one of ours that gives it its place and size."""

    button: str = OURS
    main_button: str = OURS
    """The one button of a page that saves."""
    field: str = OURS
    select: str = OURS
    checkbox: str = OURS
    table: str = OURS
    tabs: str = OURS
    tab: str = OURS
    current_tab: str = OURS
    notice: str = OURS
    warning: str = OURS
    error: str = OURS
    """The summary of what is wrong."""


FRAMEWORKS: Mapping[str, Ui] = {
    "none": Ui(),
    "bootstrap5": Ui(
        button="btn btn-outline-secondary",
        main_button="btn btn-primary",
        field="form-control",
        select="form-select",
        checkbox="form-check-input",
        table="table",
        tabs="nav nav-tabs",
        tab="nav-link",
        current_tab="nav-link active",
        notice="alert alert-secondary",
        warning="alert alert-warning",
        error="alert alert-danger",
    ),
}
KINDS = tuple(kind.name for kind in fields(Ui))


def is_ui(value: Any) -> bool:
    """Tell whether a value names a framework, or maps kinds of control to class names."""
    if not isinstance(value, Mapping):
        return isinstance(value, str) and value in FRAMEWORKS
    return all(
        kind in KINDS and isinstance(classes, str) and _CLASSES.fullmatch(classes)
        for kind, classes in value.items()
    )


def ui_of(value: str | Mapping[str, str]) -> Ui:
    """Return the classes that a value accepted by `is_ui` stands for."""
    return FRAMEWORKS[value] if isinstance(value, str) else Ui(**value)
