"""Modules that stand for packages which are not installed, so that revisions can be imported.

Whatever such a module gives is a `Missing`. It can be imported, called and subclassed while modules
load, but it has no value: a revision that decides on it, prints it, loops over it or calls it while
it runs raises `MissingError`, so that nothing is ever taken for done that was not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType

LOGGING = frozenset({"log", "logger", "logging", "getlogger", "get_logger"})
"""Names below which nothing has a bearing on a database."""


class MissingError(Exception):
    """A revision needs something that is not installed."""


class Phase:
    """Whether a revision's function is running, or modules are being loaded."""

    running = False

    @contextmanager
    def set(self, running: bool) -> Iterator[None]:
        """Be in one phase for a while."""
        before, self.running = self.running, running
        try:
            yield
        finally:
            self.running = before


phase = Phase()


class Missing:
    """Something of a package that is not installed, by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Missing:
        # What starts with an underscore is a protocol that SQLAlchemy or Python asks for.
        if name.startswith("_"):
            raise AttributeError(name)
        return Missing(f"{self.name}.{name}")

    def __call__(self, *_arguments: object, **_options: object) -> Missing:
        if phase.running and LOGGING.isdisjoint(self.name.lower().split(".")):
            raise MissingError(f"{self.name} is called, and is not installed")
        return Missing(self.name)

    def __getitem__(self, _key: object) -> Missing:
        return self._loading()

    def __or__(self, _other: object) -> Missing:
        return self._loading()

    __ror__ = __or__

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    def __eq__(self, other: object) -> bool:
        if phase.running and self is not other:
            self._refuse()
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{self.name}, not installed>"

    def _loading(self) -> Missing:
        if phase.running:
            self._refuse()
        return Missing(self.name)

    def _refuse(self, *_arguments: object) -> None:
        raise MissingError(f"{self.name} is needed, and is not installed")

    def __bool__(self) -> bool:
        raise MissingError(f"{self.name} is decided on, and is not installed")

    def __str__(self) -> str:
        raise MissingError(f"{self.name} is written out, and is not installed")

    def __iter__(self) -> Iterator[object]:
        raise MissingError(f"{self.name} is looped over, and is not installed")

    __len__ = __contains__ = __int__ = __enter__ = __exit__ = _refuse
    __add__ = __radd__ = __mod__ = __lt__ = __gt__ = __le__ = __ge__ = _refuse


class MissingLoader(Loader):
    """Makes an empty module that has every name."""

    def create_module(self, spec: ModuleSpec) -> None:
        del spec

    def exec_module(self, module: ModuleType) -> None:
        """Let the module answer to every name, and hold any submodule."""
        module.__path__ = []
        _answer(module)


class TolerantLoader(Loader):
    """Loads a module of a history's own package; where that fails, the rest of it is missing.

    Most of an application needs more than is installed, and most revisions need little of it.
    """

    def __init__(self, loader: Loader, failures: dict[str, str]) -> None:
        self.loader = loader
        self.failures = failures

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module as its own loader makes it."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module as far as it goes."""
        try:
            with phase.set(running=False):
                self.loader.exec_module(module)
        except (Exception, SystemExit) as error:  # noqa: BLE001  (code of strangers)
            self.failures[module.__name__] = f"{type(error).__name__}: {error!r}"
            _answer(module)


class Finder(MetaPathFinder):
    """Finds modules of a history's own packages, and makes up what those import and is not there.

    `own` are the directories that those packages were unpacked into. Whatever installed libraries
    try to import keeps failing where it is not there.
    """

    def __init__(self, own: Sequence[Path]) -> None:
        self.own = tuple(f"{place}/" for place in own)
        self.failures: dict[str, str] = {}
        self.made_up: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, tolerant if it is one of the own packages, made up if there is none."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            origin = spec.origin or ""
            if origin.startswith(self.own) and spec.loader is not None:
                spec.loader = TolerantLoader(spec.loader, self.failures)
            return spec
        parent, _, name = fullname.rpartition(".")
        asked_by_own = parent in self.made_up or importing_file().startswith(self.own)
        known = fullname.partition(".")[0] in sys.stdlib_module_names or name.startswith("__")
        if known or not asked_by_own:
            return None
        self.made_up.add(fullname)
        return ModuleSpec(fullname, MissingLoader(), is_package=True)


def importing_file() -> str:
    """The file of the code that an import under way stands in."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen importlib") and file != __file__:
            return file
        frame = frame.f_back
    return ""


def _answer(module: ModuleType) -> None:
    name = module.__name__

    def __getattr__(attribute: str) -> Missing:  # noqa: N807  (a module's own hook)
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Missing(f"{name}.{attribute}")

    module.__dict__["__getattr__"] = __getattr__
