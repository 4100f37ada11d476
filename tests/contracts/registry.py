"""What the contracts range over: every app's modules, every address, every listing, every scoped model."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pkgutil import walk_packages
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver


def everything_is_imported() -> None:
    """Import every module of the apps, so that all registries are full."""
    for app in apps.get_app_configs():
        if not app.name.startswith("banyan."):
            continue
        for found in walk_packages([app.path], f"{app.name}."):
            if not re.search(r"\.(migrations|commands|wsgi|install|up|worker)\b", found.name):
                importlib.import_module(found.name)


def scoped_models() -> list[Any]:
    """The models whose rows belong to a unit."""
    from banyan.orgs.scope import ScopedQuerySet

    return [
        model
        for model in apps.get_models()
        if isinstance(model._default_manager.get_queryset(), ScopedQuerySet)
    ]


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver: its whole route, its name, its view, its parameters."""

    route: str
    name: str
    view: Any
    parameters: tuple[tuple[str, str], ...]

    @property
    def view_name(self) -> str:
        """Module and name of the view."""
        view = getattr(self.view, "func", self.view)
        view = getattr(view, "view_class", view)
        return f"{view.__module__}.{getattr(view, '__qualname__', view)}"

    def url(self, values: dict[str, Any]) -> str:
        """The path with its parameters filled; what is not given gets a value that fits its kind."""
        path = self.route
        for name, kind in self.parameters:
            value = values.get(name, {"int": 1, "uuid": "0" * 32}.get(kind, "1"))
            path = re.sub(rf"<(?:\w+:)?{name}>", str(value), path)
        return "/" + path


def addresses() -> list[Address]:
    """Every pattern, ours and the libraries'."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, prefix: str, namespace: str) -> Iterator[Address]:
    for part in resolver.url_patterns:
        route = prefix + _route(part)
        if isinstance(part, URLResolver):
            inside = f"{namespace}{part.namespace}:" if part.namespace else namespace
            yield from _walk(part, route, inside)
        elif isinstance(part, URLPattern):
            found = re.findall(r"<(?:(\w+):)?(\w+)>", route)
            parameters = tuple((name, kind or "str") for kind, name in found)
            yield Address(route, namespace + (part.name or ""), part.callback, parameters)


def _route(part: Any) -> str:
    """A route as path() writes it; a regular expression of a library is brought near to that."""
    text = str(part.pattern)
    if "(?P<" in text or text.startswith("^"):
        text = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", text)
        text = text.strip("^$").replace(r"\Z", "").replace("\\", "")
    return text
